import { CodedError } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import * as z from 'zod';
import type { SiteControl } from '../simulation/siteControl.js';

const ANSWER_WITHIN = 3_000;
const Answer = z.object({ vehicle_id: z.string() });

/** Talks to site processes over their control API (`POST /vehicles`). */
export function createSiteControl(urls: ReadonlyMap<GateId, string>): SiteControl {
  return {
    async send({ lane, plate, vehicleClass, card }) {
      const url = urls.get(lane);
      if (url === undefined) throw new CodedError('unknown_gate', `No simulated world has the lane ${lane}`, { lane });
      const body = JSON.stringify({ lane, plate, vehicle_type: vehicleClass, ...(card === null ? {} : { card }) });
      const response = await fetch(`${url}/vehicles`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      }).catch((error: unknown) => {
        throw new CodedError('gateway_offline', 'The simulated world does not answer', { lane, cause: String(error) });
      });
      const answer = Answer.safeParse(await response.json().catch(() => null));
      if (response.ok && answer.success) return answer.data.vehicle_id;
      throw new CodedError('gateway_refused', 'The simulated world refused the vehicle', {
        lane,
        status: response.status,
      });
    },
  };
}
