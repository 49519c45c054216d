import { once } from 'node:events';
import type { Permission } from '@palang/contract/access/permissions';
import { ServerMessage } from '@palang/contract/live/messages';
import { WebSocket } from 'ws';
import { ADMIN_KEY, type TestOffice } from './office.js';

/** A client of `/ws` that keeps what it is told. */
export interface Operator {
  readonly socket: WebSocket;
  /** The next message of the type, arrived or to come. */
  next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  readonly seen: ServerMessage['type'][];
  send(message: unknown): void;
}

export function operator(
  office: TestOffice,
  headers: Record<string, string> = { authorization: `Bearer ${ADMIN_KEY}` },
): Operator {
  const socket = new WebSocket(`${office.url.replace('http', 'ws')}/ws`, { headers });
  const messages: ServerMessage[] = [];
  const waiting: { type: string; resolve: (message: never) => void }[] = [];
  const seen: ServerMessage['type'][] = [];
  socket.on('message', (data) => {
    const message = ServerMessage.parse(JSON.parse(String(data)));
    seen.push(message.type);
    const index = waiting.findIndex(({ type }) => type === message.type);
    if (index === -1) messages.push(message);
    else waiting.splice(index, 1)[0]?.resolve(message as never);
  });
  return {
    socket,
    seen,
    next(type) {
      const index = messages.findIndex((message) => message.type === type);
      if (index !== -1) return Promise.resolve(messages.splice(index, 1)[0] as never);
      return new Promise((resolve) => waiting.push({ type, resolve }));
    },
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

/** The status with which an upgrade is refused. */
export async function refusal(office: TestOffice, headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(`${office.url.replace('http', 'ws')}/ws`, { headers });
  const [request, response] = (await once(socket, 'unexpected-response')) as [
    { destroy(): void },
    { statusCode?: number },
  ];
  request.destroy();
  return response.statusCode;
}

/** Headers with a new key of these permissions. */
export async function keyWith(office: TestOffice, permissions: Permission[]): Promise<Record<string, string>> {
  const made = (await (await office.post('/api/keys', { name: 'k', permissions })).json()) as { key: string };
  return { authorization: `Bearer ${made.key}` };
}
