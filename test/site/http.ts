import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CodedError } from '@palang/contract/errors';
import * as z from 'zod';
import { SendVehicle, SetFault, ShowCard, VehicleActionName } from './commands.js';
import type { Control } from './control.js';

const MAX_BODY_BYTES = 16_384;

const STATUS: Readonly<Record<string, number>> = {
  invalid_input: 400,
  unknown_lane: 404,
  unknown_vehicle: 404,
  not_found: 404,
  no_such_device: 409,
  too_large: 413,
};

/** The control API on loopback; README.md describes its routes. */
export class ControlServer {
  readonly #control: Control;
  readonly #gateway: string;
  readonly #server: Server;

  constructor(control: Control, gateway: string) {
    this.#control = control;
    this.#gateway = gateway;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Resolves with the port; 0 takes a free one. Rejects when it is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      const { status, body } = await this.#route(request);
      respond(response, status, body);
    } catch (error) {
      const { code, message, detail } = described(error);
      respond(response, STATUS[code] ?? 500, { error: { code, message, ...detail } });
    }
  }

  async #route(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const told = /^\/vehicles\/([^/]+)\/([^/]+)$/.exec(pathname);
    if (request.method === 'GET' && pathname === '/state') {
      return { status: 200, body: { gateway: this.#gateway, lanes: this.#control.state() } };
    }
    if (request.method !== 'POST') throw notFound(pathname);
    const body = await readBody(request);
    if (pathname === '/vehicles') return { status: 202, body: this.#control.sendVehicle(parse(SendVehicle, body)) };
    if (pathname === '/cards') this.#control.showCard(parse(ShowCard, body));
    else if (pathname === '/faults') this.#control.setFault(parse(SetFault, body));
    else if (told !== null) this.#control.tellVehicle(told[1] ?? '', parse(VehicleActionName, told[2]));
    else throw notFound(pathname);
    return { status: 202, body: {} };
  }
}

function notFound(path: string): CodedError {
  return new CodedError('not_found', `there is nothing at ${path}`);
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CodedError('invalid_input', z.prettifyError(parsed.error), { issues: parsed.error.issues });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to its end all the same: a client that is still sending would see a broken connection instead of the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new CodedError('too_large', `a body may have ${MAX_BODY_BYTES} bytes`);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError('invalid_input', `the body is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

function described(error: unknown): { code: string; message: string; detail: Readonly<Record<string, unknown>> } {
  if (error instanceof CodedError) return error;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), detail: {} };
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
