import { createServer, type Server, type Socket } from 'node:net';
import { attach } from './attachment.js';
import type { EmulatedBoard } from './board.js';

/**
 * The board's serial line over TCP, like a serial device server in raw mode. Connecting opens the port and resets the board; a second
 * connection is refused while the first lasts.
 */
export class BoardTcp {
  readonly #board: EmulatedBoard;
  readonly #server: Server;
  #client: Socket | undefined;

  constructor(board: EmulatedBoard) {
    this.#board = board;
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** Listens and resolves with the port; `port` 0 takes a free one. Rejects when it is taken. */
  listen(port: number, host = '127.0.0.1'): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    this.#client?.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    if (this.#client !== undefined) {
      socket.destroy();
      return;
    }
    this.#client = socket;
    socket.setNoDelay(true);
    const line = attach(this.#board, (byte) => socket.write(Uint8Array.of(byte)));
    socket.on('data', (chunk) => {
      this.#board.uart.send(chunk);
      if (this.#board.uart.hasRoom) return;
      socket.pause();
      this.#board.uart.onDrain(() => socket.resume());
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      line.detach();
      this.#client = undefined;
    });
  }
}
