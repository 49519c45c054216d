import { Digest, Epoch, type EventId, eventId, Origin } from '@palang/contract/ids';
import { ArmPosition, FaultCode, GateAction, PaymentMethod } from '@palang/contract/vocabulary';
import { Bench, type BenchOptions, HOUR, settings } from './bench.js';
import type { Transition } from './effect.js';
import type { Outcome } from './input.js';
import type { LaneState, TimerName } from './state.js';

/** The same numbers from the same seed, so that a failure can be walked again (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Step {
  readonly before: LaneState;
  /** What happened, for people: the input's kind and what tells it from others of its kind. */
  readonly label: string;
  readonly transition: Transition;
  readonly bench: Bench;
}

const CARDS = ['CARD_001', 'CARD_002', 'CARD_003', 'CARD_099'];

/** Lets anything happen to a lane, likely or not, `steps` times. */
export class Walk {
  readonly bench: Bench;
  readonly #unit: () => number;
  readonly #seen: (step: Step) => void;
  #orders = 0;

  constructor(seed: number, options: BenchOptions, seen: (step: Step) => void) {
    this.#unit = seeded(seed);
    this.#seen = seen;
    this.bench = new Bench({ camera: true, ...options });
    this.bench.settings = { ...settings, when_full: 'allow' };
    const { feed } = this.bench;
    this.bench.feed = (input) => {
      const before = this.bench.state;
      const transition = feed.call(this.bench, input);
      this.#seen({ before, label: labelOf(input), transition, bench: this.bench });
      return transition;
    };
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.#step();
  }

  /** Nothing unexpected happens any more: the device is there, the loops clear, the arm comes down, the terminal answers. */
  calm(): void {
    const { bench } = this;
    bench.connect();
    for (let i = 0; i < 4; i++) {
      if (bench.state.debt !== null) bench.pay({ status: 'declined', reason: 'calm' });
      if (bench.state.hold) bench.gate('release');
      bench.loop('closing', false);
      bench.loop('arming', false);
      bench.advance(30_000);
      bench.arm('lowering');
      bench.arm('down');
      bench.advance(30_000);
    }
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#unit() * values.length)] as T;
  }

  #step() {
    const { bench } = this;
    bench.mono += Math.floor(this.#unit() * 800);
    const { hold, suspended } = bench.state;
    if ((hold || suspended) && this.#unit() < 0.1) return void bench.gate(hold ? 'release' : 'in_service');
    if (bench.state.debt !== null && this.#unit() < 0.4) return void bench.pay(this.#outcome());
    const roll = this.#unit() * 100;
    if (roll < 28) return void bench.loop(this.#pick(['arming', 'closing']), this.#unit() < 0.5);
    if (roll < 40) return void bench.arm(this.#pick(['up', 'down', 'up', 'down', 'raising', ...ArmPosition.options]));
    if (roll < 54) return this.#present();
    if (roll < 62) return void bench.sent(this.#pick([null, null, null, 'barrier_no_answer', 'barrier_refused']));
    if (roll < 72) return this.#time();
    if (roll < 78) return void bench.pay(this.#outcome());
    if (roll < 82) return this.#order();
    if (roll < 88) return this.#counter();
    if (roll < 91) return void bench.connect();
    if (roll < 93) return void bench.feed({ kind: 'offline', reason: 'walk' });
    if (roll < 94) return void bench.feed({ kind: 'restored' });
    if (roll < 96) return this.#photo();
    if (roll < 98) {
      const [fault, active] = [this.#pick(FaultCode.options), this.#unit() < 0.5];
      return void bench.feed({ kind: 'fault', fault, active, detail: 'walk' });
    }
    if (roll < 99) return void bench.feed(this.#pick([{ kind: 'button' }, { kind: 'unreadable', reason: 'parity' }]));
    bench.feed({ kind: 'unresolved', key: bench.state.debt?.key ?? 'none', reason: 'terminal_offline' });
  }

  #present() {
    const { bench } = this;
    const label = this.#pick(CARDS);
    const again = bench.effectsOf('lookAgain').at(-1);
    const kind = this.#unit();
    if (kind < 0.1 && again !== undefined) bench.present(again.presented);
    else if (kind < 0.7) bench.tap(label);
    else if (kind < 0.8) bench.entryOrder(label, `o${++this.#orders}`);
    else bench.exitOrder(label, this.#pick(PaymentMethod.options), `o${++this.#orders}`);
    const exit = bench.rules.profile.direction === 'out';
    // Somewhere else they leave, or enter: so that no card stays inside, or outside, for the rest of the walk.
    if (this.#unit() < (exit ? 0.02 : 0.2)) bench.sessions.clear();
    if (this.#unit() < 0.1)
      bench.inside(
        this.#pick(CARDS.slice(0, 3)),
        Math.floor(this.#unit() * this.#pick([0.1, 10]) * HOUR),
        named(bench),
      );
  }

  #order(): void {
    const { bench } = this;
    const command = `o${++this.#orders}`;
    if (this.#unit() < 0.1) bench.feed({ kind: 'capture', by: { command, actor: 'walk', reason: 'walk' } });
    else bench.gate(this.#pick(GateAction.options), { command, duration: this.#pick([0, 5_000]) });
  }

  #outcome(): Outcome {
    const { debt } = this.bench.state;
    const status = this.#pick(['approved', 'approved', 'declined', 'cancelled', 'unknown', 'none', 'pending'] as const);
    if (status === 'none' || status === 'pending') return { status };
    if (status !== 'approved') return { status, reason: 'walk' };
    if (debt === null) return { status: 'unknown', reason: 'walk' };
    return { status, amount: debt.quote.amount, method: 'emoney', reference: 'R', masked: null };
  }

  #counter(): void {
    const { bench } = this;
    const openings = bench.device.openings + this.#pick([0, 1, 1, 1, 3]);
    bench.device = { ...bench.device, openings };
    bench.feed({ kind: 'opened', openings, commanded: this.#unit() < 0.8 });
  }

  #photo(): void {
    const pending = this.#pick(this.bench.state.photos.map(({ id }) => id).concat('none'));
    const digest = Digest.parse('ab'.repeat(32));
    const photo = this.#unit() < 0.7 ? { digest, bytes: 5, at: 1 } : null;
    this.bench.feed({ kind: 'photo', id: pending, photo, reason: 'camera_timeout' });
  }

  #time(): void {
    const names = Object.keys(this.bench.state.timers) as TimerName[];
    if (names.length > 0 && this.#unit() < 0.5) this.bench.fire(this.#pick(names));
    else this.bench.advance(Math.floor(this.#unit() * 6_000));
  }
}

function labelOf(input: Parameters<Bench['feed']>[0]): string {
  switch (input.kind) {
    case 'loop':
      return `${input.loop} loop ${input.occupied ? 'occupied' : 'clear'}`;
    case 'position':
      return `arm ${input.position}`;
    case 'timer':
      return `timer ${input.timer}`;
    case 'payment':
      return `payment ${input.outcome.status}`;
    case 'gate':
      return input.order.action.replaceAll('_', ' ');
    case 'fault':
      return `fault ${input.fault}`;
    case 'sent':
      return input.failure === null ? `${input.operation} taken` : `${input.operation} failed`;
    default:
      return input.kind;
  }
}

/** A stay that began at another gateway, named as no other. */
function named({ mono }: Bench) {
  return { id: eventId({ origin: Origin.parse('gw-else'), epoch: Epoch.parse('00000000000000ff'), seq: mono }) };
}

/** The name that a record of the bench has. */
export function nameOf(seq: number): EventId {
  return eventId({ origin: Origin.parse('gw-test'), epoch: Epoch.parse('00000000000000ee'), seq });
}
