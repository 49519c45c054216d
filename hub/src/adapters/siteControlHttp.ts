import { CodedError } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import * as z from 'zod';
import type { SiteControl } from '../simulation/siteControl.js';

const ANSWER_WITHIN = 3_000;
const Answer = z.object({ vehicle_id: z.string() });

/** Talks to site processes over their control API (`POST /vehicles`, `POST /vehicles/{id}/back_out`). */
export function createSiteControl(urls: ReadonlyMap<GateId, string>): SiteControl {
  async function post(lane: string, path: string, body: unknown): Promise<Response> {
    const url = urls.get(lane as GateId);
    if (url === undefined) throw new CodedError('unknown_gate', `No simulated world has the lane ${lane}`, { lane });
    try {
      return await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
    } catch (error) {
      throw new CodedError('gateway_offline', 'The simulated world does not answer', { lane, cause: String(error) });
    }
  }

  return {
    async send({ lane, plate, vehicleClass, card }) {
      const body = { lane, plate, vehicle_type: vehicleClass, ...(card === null ? {} : { card }) };
      const response = await post(lane, '/vehicles', body);
      const answer = Answer.safeParse(await response.json().catch(() => null));
      if (response.ok && answer.success) return answer.data.vehicle_id;
      const { status } = response;
      throw new CodedError('gateway_refused', 'The simulated world refused the vehicle', { lane, status });
    },

    async sendAway(vehicle) {
      // A vehicle's id begins with its lane; 404 says that it has gone already.
      const response = await post(vehicle.split('.', 1)[0] ?? '', `/vehicles/${vehicle}/back_out`, {});
      await response.body?.cancel();
    },
  };
}
