import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { Epoch, type EventId, eventId, Origin, type SessionId } from '@palang/contract/ids';
import type { Stamp } from '@palang/contract/instant';
import { GENESIS, link } from '@palang/contract/link/chain';
import { Command, type Order } from '@palang/contract/link/commands';
import {
  Down,
  helloText,
  type Mark,
  packFrame,
  parseMessage,
  type Subject,
  type Up,
} from '@palang/contract/link/envelope';
import type { EventData, EventKind } from '@palang/contract/link/events';
import type { LaneDescription } from '@palang/contract/link/live';
import { laneSnapshot } from '@palang/contract/testing/builders';
import { WebSocket } from 'ws';
import { lane as laneStatus } from './fakeBack.js';

type Result = { readonly outcome: string; readonly detail?: Record<string, unknown> };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const BOOT = '00000000000000bb';

/** A gateway over the real link: it pairs, signs in, keeps a chained journal and answers orders by script. */
export class FakeGateway {
  readonly #hub: string;
  readonly #apiKey: string;
  readonly #keys = generateKeyPairSync('ed25519');
  readonly name: Origin;
  readonly epoch = Epoch.parse('0123456789abcdef');
  readonly lane: LaneDescription;
  /** Replica rows as `table/key`. */
  readonly replica = new Map<string, Record<string, unknown>>();
  readonly orders: { readonly order: Order; readonly actor: string; readonly reason: string }[] = [];
  readonly errors: string[] = [];
  #socket: WebSocket | null = null;
  #seq = 0;
  #hash = GENESIS;
  #awaited: { seq: number; resolve: () => void }[] = [];
  #state: 'closed' | 'vehiclePresent' = 'closed';
  #watched = false;
  uploadToken = '';
  /** What the lane answers; records made meanwhile are shipped by `record`. */
  answer: (order: Order) => Result | Promise<Result> = () => ({ outcome: 'accepted' });

  constructor(hub: string, apiKey: string, name: string, gate: string, direction: 'in' | 'out') {
    this.#hub = hub;
    this.#apiKey = apiKey;
    this.name = Origin.parse(name);
    this.lane = laneStatus(gate, direction).lane;
  }

  async pair(): Promise<void> {
    const { code } = await this.#post('/api/gateways/pairing', { gateway: this.name }, this.#apiKey);
    const public_key = this.#keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    await this.#post('/api/gateways/pair', { code, gateway: this.name, public_key });
  }

  /** Resolves when the hub has welcomed it and has the lane's first state. */
  async connect(): Promise<void> {
    const socket = new WebSocket(`${this.#hub.replace('http', 'ws')}/link`);
    this.#socket = socket;
    await new Promise<void>((welcomed, refused) => {
      socket.on('error', refused);
      socket.on('close', () => refused(new Error('the hub closed the link')));
      socket.on('message', (data) => {
        const message = parseMessage(Down, String(data));
        if (message.type === 'welcome') welcomed();
        this.#receive(message);
      });
    });
    this.#send({ type: 'clock', boot: BOOT, mono: performance.now() });
    this.show(this.#state);
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }

  /** As after a pulled cable: neither answers nor closes. */
  hang(): void {
    this.#socket?.pause();
    this.#socket = null;
  }

  show(state: 'closed' | 'vehiclePresent'): void {
    this.#state = state;
    this.#send({ type: 'live', lane: laneSnapshot(this.lane.gate_id, { state, at: this.#stamp() }) });
  }

  /** Appends an event to the journal and ships it; resolves with its name when the hub has it. */
  async record<K extends EventKind>(
    kind: K,
    data: EventData<K>,
    more: { readonly session?: SessionId | null; readonly subjects?: readonly Subject[] } = {},
  ): Promise<EventId> {
    const seq = ++this.#seq;
    const { name: origin, epoch } = this;
    const header = { v: 1, origin, epoch, seq, kind, lane: this.lane.gate_id, at: this.#stamp() };
    const text = JSON.stringify({ ...header, session: more.session ?? null, board: null, replica: null, data });
    this.#hash = link(sha256, this.#hash, text);
    const stored = new Promise<void>((resolve) => this.#awaited.push({ seq, resolve }));
    const subjects = [...(more.subjects ?? [])];
    this.#send({ type: 'batch', epoch, from: seq, records: [text], subjects, hash: this.#hash });
    await stored;
    return eventId({ origin, epoch, seq });
  }

  #receive(message: Down): void {
    switch (message.type) {
      case 'challenge':
        this.#send({
          type: 'hello',
          protocol: 1,
          gateway: this.name,
          signature: sign(null, Buffer.from(helloText(this.name, message.nonce)), this.#keys.privateKey).toString(
            'base64',
          ),
          epoch: this.epoch,
          durable_seq: this.#seq,
          boot: BOOT,
          replica: null,
          lanes: [this.lane],
          software: 'fake',
        });
        return;
      case 'welcome':
        this.uploadToken = message.upload_token;
        this.#marked(message.mark);
        return;
      case 'mark':
        this.#marked(message.mark);
        return;
      case 'replica':
        if (message.from === null) this.replica.clear();
        for (const { table, key, value } of message.changes) {
          if (value === null) this.replica.delete(`${table}/${key}`);
          else this.replica.set(`${table}/${key}`, value);
        }
        this.#send({ type: 'replica_ack', version: message.to, skipped: 0 });
        return;
      case 'command':
        void this.#carryOut(Command.parse(JSON.parse(message.text)));
        return;
      case 'watch':
        if (this.#watched) return;
        this.#watched = true;
        this.#socket?.send(packFrame(this.lane.gate_id, Buffer.from('jpeg')));
        return;
      case 'error':
        this.errors.push(message.code);
        return;
      case 'clock':
        return;
    }
  }

  async #carryOut({ id, order, actor, reason }: Command): Promise<void> {
    this.orders.push({ order, actor, reason });
    const { outcome, detail = {} } = await this.answer(order);
    this.#send({ type: 'command_result', id, outcome, detail });
  }

  #marked(mark: Mark | null): void {
    const have = mark?.seq ?? 0;
    for (const { resolve } of this.#awaited.filter(({ seq }) => seq <= have)) resolve();
    this.#awaited = this.#awaited.filter(({ seq }) => seq > have);
  }

  #send(message: Up): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #stamp(): Stamp {
    return { boot: BOOT, mono: performance.now(), wall: Date.now(), quality: 'hub', offset: 0, uncertainty: 1 };
  }

  async #post(path: string, body: unknown, key?: string): Promise<{ code: string }> {
    const response = await fetch(this.#hub + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as { code: string };
  }
}
