import type { Duplex } from 'node:stream';
import type { Log } from '../log.js';
import { toProblem } from './problem.js';

/** A refused upgrade is an ordinary HTTP answer. */
export function refuseUpgrade(socket: Duplex, error: unknown, requestId: string, log: Log): void {
  const problem = toProblem(error, requestId);
  if (problem.status >= 500) log.error('an upgrade failed', { request_id: requestId, error });
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
