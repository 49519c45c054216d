import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CodedError } from '@palang/contract/errors';

/** What goes through a server, so that it can be stopped without cutting off what is under way. */
export interface Traffic {
  /** Resolves when no request is under way. Upgraded sockets do not count: they would keep `server.close()` waiting for ever. */
  requestsDone(): Promise<void>;
  /** Ends every connection, upgraded ones too. */
  cut(): void;
}

export function watchTraffic(server: Server): Traffic {
  const sockets = new Set<Socket>();
  let requests = 0;
  let tell = () => {};
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (_request, response) => {
    requests += 1;
    response.once('close', () => {
      requests -= 1;
      if (requests === 0) tell();
    });
  });
  return {
    requestsDone: () =>
      new Promise((resolve) => {
        tell = resolve;
        if (requests === 0) resolve();
      }),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Resolves with the port. @throws CodedError `port_busy`, `cannot_listen`. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE';
      const message = busy ? `Port ${port} is in use by another program` : `Cannot listen: ${error.message}`;
      reject(new CodedError(busy ? 'port_busy' : 'cannot_listen', message, { port, host }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
