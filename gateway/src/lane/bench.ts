import { CredentialValue } from '@palang/contract/credential';
import { Epoch, Origin, SubjectRef } from '@palang/contract/ids';
import type { Stamp } from '@palang/contract/instant';
import type { Draft } from '@palang/contract/link/events';
import type { Card, OpenSession, Settings } from '@palang/contract/link/replica';
import { Tariff } from '@palang/contract/tariff/tariff';
import type { ArmPosition, GateAction, PaymentMethod } from '@palang/contract/vocabulary';
import type { Effect, Transition } from './effect.js';
import type { GateOrder, Input, InputOf, Levels, Lookup, Outcome } from './input.js';
import { LaneProfile, type Rules } from './profile.js';
import { initialState, type LaneState, type Presented, readState, type TimerName } from './state.js';
import { mayOpen, step } from './step.js';

/** A lane on a test bench: its own time, its own books, every state through JSON as a restart would read it. */

export const HOUR = 3_600_000;
export const MONO_START = 100 * HOUR;

export const tariff = Tariff.parse({
  version: 'bench-1',
  name: 'Bench',
  effective_from: 0,
  ceiling: 100_000,
  rates: {
    car: {
      free_minutes: 10,
      first: { minutes: 60, amount: 5_000 },
      increment: { minutes: 60, amount: 3_000 },
      daily_cap: null,
    },
  },
});

export const settings: Settings = {
  site_name: 'Bench',
  time_zone: 'Asia/Jakarta',
  capacity: 100,
  when_full: 'deny',
  admit_unknown: false,
};

export function credentialOf(label: string): CredentialValue {
  return CredentialValue.parse(`w26:${label.replace(/\D/g, '')}`);
}

export function card(label: string, overrides: Partial<Card> = {}): Card {
  return {
    label,
    credential: credentialOf(label),
    right: 'casual',
    vehicle_class: 'car',
    plate: null,
    status: 'active',
    valid_from: null,
    valid_until: null,
    ...overrides,
  };
}

export interface BenchOptions {
  readonly profile?: Record<string, unknown>;
  readonly terminal?: boolean;
  readonly camera?: boolean;
}

export class Bench {
  readonly rules: Rules;
  readonly cards = new Map<string, Card>();
  readonly sessions = new Map<string, OpenSession>();
  readonly records: { readonly seq: number; readonly draft: Draft }[] = [];
  /** Effects of the last transition; `all` since the start. */
  effects: readonly Effect[] = [];
  readonly all: Effect[] = [];
  last: Transition | null = null;
  state: LaneState = initialState;
  settings: Settings | null = settings;
  tariffs: readonly Tariff[] = [tariff];
  occupied = 0;
  mono = MONO_START;
  boot = '00000000000000aa';
  device: { position: ArmPosition; openings: number; levels: Levels } = {
    position: 'down',
    openings: 7,
    levels: { arming: false, closing: false },
  };
  #seq = 1;
  #command = 0;

  constructor(options: BenchOptions = {}) {
    const profile = LaneProfile.parse({ gate_id: 'gate_in', direction: 'in', ...options.profile });
    this.rules = { profile, terminal: options.terminal ?? false, camera: options.camera ?? false };
    for (const label of ['CARD_001', 'CARD_002', 'CARD_003']) this.cards.set(credentialOf(label), card(label));
  }

  /** An exit with a terminal, and the session of CARD_001 that began an hour and three quarters ago: 8,000. */
  static exit(options: BenchOptions = {}): Bench {
    const payments = ['cash', 'emoney', 'qris'];
    const profile = { gate_id: 'gate_out', direction: 'out', payments, ...options.profile };
    const bench = new Bench({ terminal: true, ...options, profile });
    bench.inside('CARD_001', 1.75 * HOUR);
    return bench;
  }

  inside(label: string, duration: number, overrides: Partial<OpenSession> = {}): OpenSession {
    const at = this.now.mono - duration;
    const session = {
      id: `gw-in:0123456789abcdef:${label.replace(/\D/g, '').replace(/^0+/, '')}` as OpenSession['id'],
      credential: credentialOf(label),
      card: label,
      plate: null,
      vehicle_class: 'car',
      right: 'casual',
      entered: { ...this.now, mono: at, wall: this.now.wall - duration },
      entry_lane: 'gate_in',
      paid: 0 as OpenSession['paid'],
      revision: 0,
      provisional: false,
      ...overrides,
    } as const;
    this.sessions.set(session.id, session);
    return session;
  }

  get now(): Stamp {
    const wall = 1_795_392_000_000 + this.mono;
    return { boot: this.boot, mono: this.mono, wall, quality: 'ntp', offset: 0, uncertainty: 5 };
  }

  feed(input: Input): Transition {
    const prepared = mayOpen(this.state, input) && this.state.online ? { boot: 3, sequence: ++this.#command } : null;
    const context = {
      now: this.now,
      origin: Origin.parse('gw-test'),
      epoch: Epoch.parse('00000000000000ee'),
      nextSeq: this.#seq,
      prepared,
    };
    const transition = step(this.state, input, context, this.rules);
    this.last = transition;
    this.state = readState(JSON.stringify(transition.state));
    for (const draft of transition.records) this.records.push({ seq: this.#seq++, draft });
    this.effects = transition.effects;
    this.all.push(...transition.effects);
    for (const effect of transition.effects) this.#keepBooks(effect);
    return transition;
  }

  #keepBooks(effect: Effect): void {
    if (effect.kind === 'opened' || effect.kind === 'changed') this.sessions.set(effect.session.id, effect.session);
    if (effect.kind === 'gone') this.sessions.delete(effect.session);
  }

  /** The device connects and the lane has compared notes with it. */
  connect(): this {
    const { position, openings, levels } = this.device;
    this.feed({ kind: 'online', position, openings, levels });
    this.advance(this.rules.profile.times.reconcile);
    return this;
  }

  loop(loop: 'arming' | 'closing', occupied: boolean): Transition {
    this.device = { ...this.device, levels: { ...this.device.levels, [loop]: occupied } };
    return this.feed({ kind: 'loop', loop, occupied });
  }

  arm(position: ArmPosition): Transition {
    this.device = { ...this.device, position };
    return this.feed({ kind: 'position', position });
  }

  /** Connected, with a vehicle on the arming loop. */
  withVehicle(): this {
    this.connect();
    this.loop('arming', true);
    return this;
  }

  presented(label: string, overrides: Partial<Presented> = {}): Presented {
    const credential = credentialOf(label);
    return {
      credential,
      ref: SubjectRef.parse(`s${label.replace(/\D/g, '').padStart(32, '0')}`),
      card: this.cards.get(credential)?.label ?? null,
      source: 'reader',
      intent: null,
      method: null,
      command: null,
      plate: null,
      ...overrides,
    };
  }

  look(presented: Presented): Lookup {
    const { credential } = presented;
    return {
      card: this.cards.get(credential),
      openSession: [...this.sessions.values()].find((session) => session.credential === credential),
      settings: this.settings,
      occupied: this.occupied,
      tariffs: this.tariffs,
      plate: presented.plate,
      plateRef: null,
    };
  }

  tap(label: string, overrides: Partial<Presented> = {}): Transition {
    return this.present(this.presented(label, overrides));
  }

  present(presented: Presented): Transition {
    return this.feed({ kind: 'credential', presented, look: this.look(presented) });
  }

  entryOrder(label: string, command: string): Transition {
    return this.tap(label, { source: 'api', intent: 'entry', command });
  }

  exitOrder(label: string, method: PaymentMethod, command: string): Transition {
    return this.tap(label, { source: 'api', intent: 'exit', method, command });
  }

  gate(action: GateAction, overrides: { duration?: number; command?: string } = {}): Transition {
    const by = { command: overrides.command ?? `c${this.#seq}`, actor: 'Sari', reason: 'bench' };
    return this.feed({ kind: 'gate', order: { by, action }, duration: overrides.duration ?? 0 });
  }

  /** The device's answer to the last command sent. */
  sent(failure: string | null = null): Transition {
    const send = this.all.findLast((effect) => effect.kind === 'send');
    const operation = send?.operation ?? 'raise';
    const order: GateOrder | null = send?.order ?? null;
    return this.feed({ kind: 'sent', operation, opening: send?.opening ?? null, order, failure });
  }

  /** The device raises the arm as it was told. */
  rise(): this {
    this.sent();
    this.device = { ...this.device, openings: this.device.openings + 1 };
    this.feed({ kind: 'opened', openings: this.device.openings, commanded: true });
    this.arm('raising');
    this.arm('up');
    return this;
  }

  /** Off the arming loop, over the closing loop, away. */
  drive(ms = 1_500): this {
    this.loop('closing', true);
    this.advance(ms);
    this.loop('arming', false);
    this.loop('closing', false);
    return this;
  }

  pay(outcome: Outcome, key = this.state.debt?.key ?? ''): Transition {
    return this.feed({ kind: 'payment', key, outcome } satisfies InputOf<'payment'>);
  }

  approve(): Transition {
    const amount = this.state.debt?.quote.amount ?? (0 as OpenSession['paid']);
    return this.pay({ status: 'approved', amount, method: 'emoney', reference: 'R1', masked: '****1' });
  }

  fire(timer: TimerName): Transition {
    if (timer === 'reconcile') return this.feed({ kind: 'reconcile', ...this.device });
    return this.feed({ kind: 'timer', timer });
  }

  /** Time passes; timers that fall due are fed in order. */
  advance(ms: number): void {
    const until = this.mono + ms;
    for (let due = this.#nextDue(until); due !== null; due = this.#nextDue(until)) {
      this.mono = Math.max(this.mono, due.at);
      this.fire(due.name);
    }
    this.mono = until;
  }

  #nextDue(until: number): { readonly name: TimerName; readonly at: number } | null {
    let next: { readonly name: TimerName; readonly at: number } | null = null;
    for (const [name, timer] of Object.entries(this.state.timers) as [TimerName, { due: number }][]) {
      if (timer.due <= until && (next === null || timer.due < next.at)) next = { name, at: timer.due };
    }
    return next;
  }

  /** Kinds of all records so far. */
  get kinds(): string[] {
    return this.records.map(({ draft }) => draft.kind);
  }

  of<K extends Draft['kind']>(kind: K): Extract<Draft, { kind: K }>[] {
    return this.records
      .map(({ draft }) => draft)
      .filter((draft): draft is Extract<Draft, { kind: K }> => draft.kind === kind);
  }

  /** Kinds of the records of the last transition. */
  get just(): string[] {
    return (this.last?.records ?? []).map((draft) => draft.kind);
  }

  get answers() {
    return this.all.filter((effect) => effect.kind === 'answer');
  }

  effectsOf<K extends Effect['kind']>(kind: K): Extract<Effect, { kind: K }>[] {
    return this.all.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
  }
}
