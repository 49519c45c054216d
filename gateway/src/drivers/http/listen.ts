import { createServer, type RequestListener, type Server } from 'node:http';
import { CodedError } from '@palang/contract/errors';

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly maxConnections: number;
  /** The longest a client may take to send its request, ms. */
  readonly requestTimeout: number;
}

/** @throws CodedError `port_in_use` or `cannot_listen`, both naming the port. */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<Listening> {
  const { requestTimeout } = options;
  // Node looks for late requests every 30 s unless told otherwise.
  const connectionsCheckingInterval = Math.min(1_000, requestTimeout);
  const timing = { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval };
  const server = createServer(timing, handler);
  server.maxConnections = options.maxConnections;
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(cannotListen(error, options)));
    server.listen(options.port, options.host, done);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => close(server),
  };
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: ListenOptions): CodedError {
  if (error.code === 'EADDRINUSE') return new CodedError('port_in_use', `Port ${port} is in use`, { host, port });
  return new CodedError('cannot_listen', `Cannot listen on ${host}:${port}: ${error.message}`, { host, port });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
