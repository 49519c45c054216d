import { createCall } from '@palang/client/http';
import { ANSWER_WITHIN } from '../features/gate/model.js';

/** Any route of the hub by its name. Throws HubError with the hub's code, or `unreachable`, or `bad_answer`. */
export const call = createCall({ baseUrl: '' });

/** As `call`, for what moves something: given up while the operator still looks at it. */
export const command = createCall({ baseUrl: '', timeout: ANSWER_WITHIN });

/** The newest frame of a lane with its age in ms when it left the hub. */
export async function frame(gate: string): Promise<{ picture: Blob; age: number }> {
  const response = await call('frame', { params: { gate_id: gate } });
  const age = Number(response.headers.get('x-frame-age') ?? 0);
  return { picture: await response.blob(), age: Number.isFinite(age) ? age : 0 };
}
