import { createServer, type Server, type Socket } from 'node:net';
import { LineSplitter } from './lines.js';
import { parseRequest } from './messages.js';
import type { Host, Terminal } from './terminal.js';

/** A terminal's TCP side. */
export class TerminalServer {
  readonly #terminal: Terminal;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #off = false;

  /** Lines that were not requests. */
  malformedLines = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#server = createServer((socket) => this.#connected(socket));
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

  /** A terminal that is off drops its connections and hangs up on new ones. */
  setOff(off: boolean): void {
    this.#off = off;
    if (off) this.#dropAll();
  }

  close(): Promise<void> {
    this.#dropAll();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(socket: Socket): void {
    if (this.#off) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const host: Host = {
      answer: (answer) => {
        if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
      },
      drop: () => {
        socket.destroy();
      },
    };
    const splitter = new LineSplitter((line) => this.#line(line, host));
    socket.on('data', (chunk) => splitter.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#terminal.lost(host);
    });
  }

  #line(line: string | undefined, host: Host): void {
    const parsed = line === undefined ? { malformedId: undefined } : parseRequest(line);
    if ('request' in parsed) this.#terminal.handle(parsed.request, host);
    else {
      this.malformedLines += 1;
      const { malformedId: id } = parsed;
      host.answer({ ...(id === undefined ? {} : { id }), status: 'error', reason: 'malformed' });
    }
  }
}
