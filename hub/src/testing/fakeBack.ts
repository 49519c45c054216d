import type { Duplex } from 'node:stream';
import { wiegand } from '@palang/contract/credential';
import { CodedError } from '@palang/contract/errors';
import { Digest, GateId } from '@palang/contract/ids';
import type { Order } from '@palang/contract/link/commands';
import type { Card, Settings } from '@palang/contract/link/replica';
import { isInside } from '@palang/contract/session/session';
import { Tariff } from '@palang/contract/tariff/tariff';
import { laneSnapshot } from '@palang/contract/testing/builders';
import type { Database } from '@palang/db/database';
import type { CommandOutcome, Frame, LaneStatus, SessionRecord, StoredEvent } from '../link/ports.js';
import type { Back } from '../office.js';

export const UPLOAD_TOKEN = 'upload-token-of-gw-in';

/** A gateway side in memory: two lanes, a scripted answer to each command, everything that was asked kept for the test to look at. */
export interface FakeBack extends Back {
  readonly lanes: Map<string, LaneStatus>;
  readonly cards: Map<string, Card>;
  readonly sessions: SessionRecord[];
  readonly events: StoredEvent[];
  readonly commands: {
    readonly lane: string;
    readonly order: Order;
    readonly actor: string;
    readonly reason: string;
  }[];
  readonly replicaRows: Map<string, unknown>;
  readonly watched: string[];
  settings: Settings;
  /** The newest frame of every lane. */
  picture: Frame | null;
  /** What the lanes answer; set by the test. */
  answer: (lane: string, order: Order) => CommandOutcome | Promise<CommandOutcome>;
  /** Replaces a lane and tells the listeners. */
  change(lane: LaneStatus): void;
  frame(frame: Frame): void;
}

export function lane(gate: string, direction: 'in' | 'out', overrides: Partial<LaneStatus> = {}): LaneStatus {
  return {
    gateway: `gw-${direction}`,
    lane: {
      gate_id: GateId.parse(gate),
      direction,
      vehicle_classes: ['car', 'motorcycle'],
      evidence: 'passageProven',
      protected: true,
      camera: true,
      payments: ['card', 'emoney'],
    },
    online: true,
    age: 5,
    snapshot: laneSnapshot(gate),
    ...overrides,
  };
}

export const tariff = Tariff.parse({
  version: 'test-1',
  name: 'Test',
  effective_from: 0,
  rates: {
    car: {
      free_minutes: 0,
      first: { minutes: 60, amount: 5_000 },
      increment: { minutes: 60, amount: 3_000 },
      daily_cap: null,
    },
  },
  ceiling: 100_000_000,
});

export function card(label: string, overrides: Partial<Card> = {}): Card {
  return {
    label,
    credential: wiegand(26, 1_234_567),
    right: 'casual',
    vehicle_class: 'car',
    plate: null,
    status: 'active',
    valid_from: null,
    valid_until: null,
    ...overrides,
  };
}

export function fakeBack(db: Database): FakeBack {
  const listeners = new Set<(lane: LaneStatus) => void>();
  const watchers = new Map<string, Set<(frame: Frame) => void>>();
  const photos = new Map<string, Buffer>();
  let commands = 0;
  const version = '00000000000000aa.1' as never;
  const back: FakeBack = {
    db,
    lanes: new Map([
      ['gate_in', lane('gate_in', 'in')],
      ['gate_out', lane('gate_out', 'out')],
    ]),
    cards: new Map(),
    sessions: [],
    events: [],
    commands: [],
    replicaRows: new Map(),
    watched: [],
    picture: null,
    settings: { site_name: 'Test', time_zone: 'Asia/Jakarta', capacity: 10, when_full: 'deny', admit_unknown: false },
    answer: () => ({ id: String(++commands), outcome: 'accepted', detail: {} }),
    change(changed) {
      back.lanes.set(changed.lane.gate_id, changed);
      for (const listener of listeners) listener(changed);
    },
    frame(frame) {
      for (const watcher of watchers.get(frame.lane) ?? []) watcher(frame);
    },
    link: {
      directory: {
        lanes: () => [...back.lanes.values()],
        lane: (id) => back.lanes.get(id) ?? null,
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      upgrade: (_request, socket: Duplex) => socket.destroy(),
      async command(name, order, { actor, reason }) {
        if (back.lanes.get(name)?.online !== true) throw new CodedError('gateway_offline', 'not connected');
        back.commands.push({ lane: name, order, actor, reason });
        return back.answer(name, order);
      },
      watch(name, listener) {
        back.watched.push(name);
        const set = watchers.get(name) ?? new Set();
        watchers.set(name, set.add(listener));
        return () => set.delete(listener);
      },
      latestFrame: () => back.picture,
      uploader: (token) => (token === UPLOAD_TOKEN ? 'gw-in' : null),
      close: async () => {},
    },
    ledger: {
      session: async (id) => back.sessions.find(({ session }) => session.id === id) ?? null,
      sessions: async ({ inside, limit }) =>
        back.sessions.filter(({ session }) => inside === undefined || isInside(session) === inside).slice(0, limit),
      openSessionsOf: async ({ card: label, credential }) =>
        back.sessions.filter(
          (record) =>
            isInside(record.session) && (record.session.entry?.card === label || record.credential === credential),
        ),
      events: async ({ after = 0, limit }) => back.events.filter((event) => event.position > after).slice(-limit),
      occupancy: async () => {
        const occupied = back.sessions.filter(({ session }) => isInside(session)).length;
        const { capacity } = back.settings;
        return {
          capacity,
          occupied,
          available: Math.max(0, capacity - occupied),
          over_by: Math.max(0, occupied - capacity),
        };
      },
      attentionCount: async () => 0,
    },
    reference: {
      settings: async () => back.settings,
      saveSettings: async () => {},
      savePlaces: async () => {},
      tariffs: async () => [tariff],
      saveTariff: async () => {},
      card: async (label) => back.cards.get(label) ?? null,
      cardOf: async (credential) => [...back.cards.values()].find((each) => each.credential === credential) ?? null,
      cards: async () => [...back.cards.values()],
      async saveCard(saved) {
        for (const other of back.cards.values()) {
          if (other.label !== saved.label && other.credential === saved.credential) {
            throw new CodedError('credential_taken', 'another card has it');
          }
        }
        back.cards.set(saved.label, saved);
      },
    },
    replica: {
      version: () => version,
      put(table, key, row) {
        if (row === null) back.replicaRows.delete(`${table}/${key}`);
        else back.replicaRows.set(`${table}/${key}`, row);
        return version;
      },
      whenAcknowledged: async () => {},
    },
    photos: {
      async store(digest, content) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of content) chunks.push(chunk);
        photos.set(digest, Buffer.concat(chunks));
      },
      async open(digest) {
        const bytes = photos.get(digest);
        if (bytes === undefined) return null;
        const { Readable } = await import('node:stream');
        return { bytes: bytes.length, stream: Readable.from([bytes]) };
      },
    },
    pairing: {
      createCode: async () => ({ code: 'PAIR-CODE-0001', expiresAt: 1 }),
      async pair(code) {
        if (code !== 'PAIR-CODE-0001') throw new CodedError('bad_pairing_code', 'wrong, used or expired');
        return { hubPublicKey: 'key' };
      },
    },
  };
  return back;
}

/** A digest for tests that do not care which. */
export const someDigest = Digest.parse('ab'.repeat(32));
