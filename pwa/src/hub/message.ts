import { ServerMessage } from '@palang/contract/live/messages';
import { config } from 'zod/mini';

// Compiled parsers need `new Function`, which the content security policy refuses and the browser reports.
config({ jitless: true });

/** One frame from the hub; null when it is not a message of the contract, which the caller counts. */
export function readMessage(frame: unknown): ServerMessage | null {
  if (typeof frame !== 'string') return null;
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch {
    return null;
  }
  const parsed = ServerMessage.safeParse(json);
  return parsed.success ? parsed.data : null;
}
