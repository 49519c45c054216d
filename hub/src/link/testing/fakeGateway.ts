import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from '@palang/contract/link/commands';
import { Down, helloText, packFrame, parseMessage, type Up } from '@palang/contract/link/envelope';
import { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import { stamp } from '@palang/contract/testing/builders';
import { WebSocket } from 'ws';
import { readPublicKey } from '../keys.js';
import type { LinkServer } from '../ports.js';
import { TestJournal } from './journal.js';

export type DownOf<T extends Down['type']> = Extract<Down, { type: T }>;

/** Serves `/link` on a free port; returns its address and how to stop. */
export async function serve(link: LinkServer): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer();
  server.on('upgrade', (request, socket, head) => link.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/link`,
    async stop() {
      await link.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function describeLane(id: string): LaneDescription {
  return LaneDescription.parse({
    gate_id: id,
    direction: 'in',
    vehicle_classes: ['car'],
    evidence: 'passageProven',
    protected: true,
    camera: true,
    payments: [],
  });
}

export function snapshot(id: string): LaneSnapshot {
  const unseen = { arming_loop: null, closing_loop: null, lower_limit: null };
  return LaneSnapshot.parse({
    gate_id: id,
    at: stamp(),
    state: 'closed',
    arm: 'down',
    inputs: { ...unseen, upper_limit: null, ticket_button: null, arm_in_place: null },
    faults: [],
    controller: { status: 'connected', age: 3, firmware: null, openings: 0 },
    camera: 'ok',
    awaiting: null,
    last: null,
    backlog: 0,
  });
}

/** A gateway on the wire: polite by default, and told by the test when not to be. */
export class FakeGateway {
  readonly name: string;
  readonly journal: TestJournal;
  readonly publicKey: string;
  readonly lanes: LaneDescription[];
  readonly #privateKey: KeyObject;
  readonly #received: Down[] = [];
  readonly #waiting: { matches(message: Down): boolean; take(message: Down): void }[] = [];
  hubPublicKey = '';
  replica: string | null = null;
  socket: WebSocket | null = null;
  closed: Promise<number> = Promise.resolve(0);

  constructor(name: string, lanes: readonly string[]) {
    this.name = name;
    this.journal = new TestJournal(name);
    this.lanes = lanes.map(describeLane);
    const pair = generateKeyPairSync('ed25519');
    this.#privateKey = pair.privateKey;
    this.publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  }

  /** Opens the socket and waits for the challenge. */
  async dial(url: string): Promise<DownOf<'challenge'>> {
    const socket = new WebSocket(url);
    this.socket = socket;
    this.#received.length = 0;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => resolve(code));
    });
    socket.on('message', (data) => {
      const message = parseMessage<Down>(Down, String(data));
      const index = this.#waiting.findIndex((waiter) => waiter.matches(message));
      if (index < 0) this.#received.push(message);
      else this.#waiting.splice(index, 1)[0]?.take(message);
    });
    await once(socket, 'open');
    return this.next('challenge');
  }

  hello(nonce: string): Extract<Up, { type: 'hello' }> {
    return {
      type: 'hello',
      protocol: 1,
      gateway: this.journal.origin,
      signature: sign(null, Buffer.from(helloText(this.name, nonce)), this.#privateKey).toString('base64'),
      epoch: this.journal.epoch,
      durable_seq: this.journal.records.length,
      boot: 'boot1',
      replica: this.replica,
      lanes: this.lanes,
      software: 'test',
    };
  }

  /** Dials, greets, waits for the welcome, and sends a first clock so that it can be commanded. */
  async connect(url: string): Promise<DownOf<'welcome'>> {
    const { nonce } = await this.dial(url);
    this.send(this.hello(nonce));
    const welcome = await this.next('welcome');
    this.send({ type: 'clock', boot: 'boot1', mono: 5_000 });
    await this.next('clock');
    return welcome;
  }

  send(message: Up): void {
    this.socket?.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.socket?.send(text);
  }

  sendFrame(lane: string, jpeg: Uint8Array): void {
    this.socket?.send(packFrame(lane as LaneDescription['gate_id'], jpeg));
  }

  sendBatch(from: number): void {
    this.send({ type: 'batch', ...this.journal.batch(from) } as Extract<Up, { type: 'batch' }>);
  }

  /** The next message of a type (that fits), received already or yet to come. */
  next<T extends Down['type']>(type: T, fits: (message: DownOf<T>) => boolean = () => true): Promise<DownOf<T>> {
    const matches = (message: Down): boolean => message.type === type && fits(message as DownOf<T>);
    const index = this.#received.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.#received.splice(index, 1)[0] as DownOf<T>);
    return new Promise((resolve) => {
      this.#waiting.push({ matches, take: (message) => resolve(message as DownOf<T>) });
    });
  }

  /** The next command, its signature checked with the key from the pairing. */
  async nextCommand(): Promise<Command> {
    const { text, signature } = await this.next('command');
    const key = readPublicKey(this.hubPublicKey);
    if (key === null || !verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))) {
      throw new Error('the command is not signed by the hub');
    }
    return Command.parse(JSON.parse(text));
  }

  hangUp(): void {
    this.socket?.terminate();
  }
}
