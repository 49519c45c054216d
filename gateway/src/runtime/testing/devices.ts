import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { Digest } from '@palang/contract/ids';
import type {
  Barrier,
  BarrierListener,
  BarrierOperation,
  BarrierStatus,
  PreparedCommand,
} from '../../ports/barrier.js';
import type { Camera } from '../../ports/camera.js';
import type { LoopLevels, Loops } from '../../ports/loops.js';
import type { Payment, PaymentOutcome } from '../../ports/payment.js';
import type { Photos } from '../../ports/photos.js';
import type { Reader } from '../../ports/reader.js';

export interface Sent {
  readonly operation: BarrierOperation;
  readonly command: PreparedCommand;
  readonly hold_open: number;
  readonly at: number;
}

/** A barrier that takes commands; what the arm then does, the test says by `listener`. */
export class FakeBarrier implements Barrier {
  readonly protected = true;
  readonly sent: Sent[] = [];
  listener: BarrierListener | null = null;
  /** The code that `send` fails with, or null. */
  failure: 'barrier_refused' | 'barrier_no_answer' | null = null;
  /** Looked at by tests at the very moment of a send. */
  onSend: (operation: BarrierOperation) => void = () => undefined;
  now: BarrierStatus = {
    online: false,
    position: null,
    lowerLimit: null,
    upperLimit: null,
    armInPlace: null,
    held: false,
    openings: null,
    firmware: null,
    heardAt: null,
  };
  readonly #clock: Clock;
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(listener: BarrierListener): void {
    this.listener = listener;
  }

  async stop(): Promise<void> {
    this.listener = null;
  }

  status(): BarrierStatus {
    return this.now;
  }

  prepare(): PreparedCommand {
    if (!this.now.online) throw new CodedError('barrier_offline', 'away');
    this.#sequence++;
    return { boot: 1, sequence: this.#sequence };
  }

  async send(operation: BarrierOperation, command: PreparedCommand, hold_open: number): Promise<void> {
    if (!this.now.online) throw new CodedError('barrier_offline', 'away');
    this.onSend(operation);
    this.sent.push({ operation, command, hold_open, at: this.#clock.monotonic() });
    if (this.failure !== null) throw new CodedError(this.failure, 'as the test says');
  }

  get operations(): string[] {
    return this.sent.map(({ operation }) => operation);
  }
}

export class FakeLoops implements Loops {
  now: LoopLevels = { arming: false, closing: false };
  changed: Parameters<Loops['start']>[0] = () => undefined;

  start(changed: Parameters<Loops['start']>[0]): void {
    this.changed = changed;
  }

  levels(): LoopLevels {
    return this.now;
  }
}

export class FakeReader implements Reader {
  listener: Parameters<Reader['start']>[0] | null = null;

  start(listener: Parameters<Reader['start']>[0]): void {
    this.listener = listener;
  }
}

/** A terminal with a memory of its own: it survives the gateway. The test settles what is open. */
export class FakeTerminal {
  readonly asked: string[] = [];
  readonly settled = new Map<string, PaymentOutcome>();
  readonly open = new Map<string, (outcome: PaymentOutcome) => void>();
  offline = false;

  settle(key: string, outcome: PaymentOutcome): void {
    this.settled.set(key, outcome);
    this.open.get(key)?.(outcome);
    this.open.delete(key);
  }

  approve(key: string, amount: number): void {
    const approved = { status: 'approved', method: 'emoney', reference: 'R1', masked: null } as const;
    this.settle(key, { ...approved, amount: amount as (PaymentOutcome & { status: 'approved' })['amount'] });
  }

  /** The gateway's side of the wire. */
  connect(): Payment {
    return {
      methods: ['emoney', 'qris'],
      start: () => undefined,
      stop: async () => undefined,
      charge: async (key, amount) => {
        this.asked.push(`charge ${key} ${amount}`);
        return this.settled.get(key) ?? new Promise((resolve) => this.open.set(key, resolve));
      },
      cancel: async (key) => {
        this.asked.push(`cancel ${key}`);
        if (this.open.has(key)) this.settle(key, { status: 'cancelled', reason: 'by_host' });
      },
      resolve: async (key) => {
        this.asked.push(`resolve ${key}`);
        if (this.offline) throw new CodedError('terminal_offline', 'away');
        return this.settled.get(key) ?? { status: this.open.has(key) ? 'pending' : 'none' };
      },
    };
  }
}

export class FakeCamera implements Camera {
  dead = false;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {}

  async stop(): Promise<void> {}

  async capture() {
    if (this.dead) throw new CodedError('camera_offline', 'dark');
    return { jpeg: new Uint8Array([0xff, 0xd8]), at: this.#clock.monotonic() };
  }

  watch(): () => void {
    return () => undefined;
  }

  status(): 'ok' | 'offline' {
    return this.dead ? 'offline' : 'ok';
  }
}

export const memoryPhotos: Photos = {
  put: async () => Digest.parse('cd'.repeat(32)),
  get: async () => null,
};
