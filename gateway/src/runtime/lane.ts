import { codeOf } from '@palang/contract/errors';
import type { Order } from '@palang/contract/link/commands';
import type { FaultCode } from '@palang/contract/vocabulary';
import type { Effect } from '../lane/effect.js';
import type { Context, Input } from '../lane/input.js';
import type { Rules } from '../lane/profile.js';
import { initialState, type LaneState, type Presented, readState, type TimerName } from '../lane/state.js';
import { mayOpen, step } from '../lane/step.js';
import type { By, LaneService, OrderResult } from '../ports/lanes.js';
import type { Receipt } from '../ports/receipt.js';
import { Actuator } from './actuator.js';
import { Collector } from './collector.js';
import type { LaneDependencies } from './dependencies.js';
import { Intake } from './intake.js';
import { look, namedByOrder, readAtLane } from './lookup.js';
import { Orders } from './orders.js';
import { photograph } from './photographer.js';
import { Receipts } from './receipts.js';
import { ChangeNotice, describe, snapshotOf } from './snapshot.js';
import { Storage } from './storage.js';
import { Timers } from './timers.js';

/** A lane that also takes faults of parts that are not its own (the journal, the clock). */
export interface Lane extends LaneService {
  fault(fault: FaultCode, active: boolean, detail: string): void;
}

/** Makes a lane out of its devices and books. Nothing starts before `start`. */
export function createLane(dependencies: LaneDependencies): Lane {
  return new RunningLane(dependencies);
}

interface Arrival {
  /** Built when its turn comes, so that it rests on what is known then. */
  readonly input: () => Input;
  readonly receipt: Receipt | null;
}

/** Messages that bring one input only: the same id twice is a repetition. */
const ALONE: ReadonlySet<Input['kind']> = new Set(['credential', 'unreadable', 'button']);

class RunningLane implements Lane {
  readonly description: LaneService['description'];
  readonly #deps: LaneDependencies;
  readonly #rules: Rules;
  readonly #orders: Orders;
  readonly #notice: ChangeNotice;
  readonly #timers: Timers;
  readonly #storage: Storage;
  readonly #actuator: Actuator;
  readonly #collector: Collector | null;
  readonly #arrivals: Arrival[] = [];
  readonly #receipts = new Receipts();
  #intake = new Intake(null);
  #state: LaneState = initialState;
  #recorded: Promise<void> = Promise.resolve();
  #busy = false;
  #running = false;

  constructor(deps: LaneDependencies) {
    this.#deps = deps;
    const { clock, log, barrier, payment, camera, profile } = deps;
    this.description = describe(deps);
    this.#rules = { profile, terminal: payment !== null, camera: camera !== null };
    this.#orders = new Orders(clock);
    this.#notice = new ChangeNotice(clock);
    this.#timers = new Timers(clock, deps.stamps.boot, (name) => this.#take(() => this.#timerInput(name)));
    this.#storage = new Storage(clock, (slow, detail) => {
      this.#receipts.diskIs(slow);
      this.fault('journal_slow', slow, detail);
    });
    const feed = (input: Input) => this.#take(() => input);
    const isCurrent = (id: number) => {
      const { opening } = this.#state;
      return opening?.id === id && !opening.voided && !opening.passed;
    };
    this.#actuator = new Actuator({ barrier, storage: this.#storage, log, feed, isCurrent });
    this.#collector = payment === null ? null : new Collector({ payment, storage: this.#storage, log, feed });
  }

  async start(): Promise<void> {
    this.#restore();
    this.#running = true;
    this.#take(() => ({ kind: 'restored' }));
    const { reader, loops, camera, payment, barrier } = this.#deps;
    reader.start({
      credential: (value, receipt) =>
        this.#take(() => this.#credential(readAtLane(this.#deps, value)), receipt, 'credential'),
      unreadable: (reason, receipt) => this.#take(() => ({ kind: 'unreadable', reason }), receipt, 'unreadable'),
      button: (receipt) => this.#take(() => ({ kind: 'button' }), receipt, 'button'),
    });
    loops.start((loop, occupied, receipt) => this.#take(() => ({ kind: 'loop', loop, occupied }), receipt, 'loop'));
    camera?.start(this.#watchFor('camera_offline'));
    payment?.start(this.#watchFor('terminal_offline'));
    barrier.start({
      position: (position, _commanded, receipt) =>
        this.#take(() => ({ kind: 'position', position }), receipt, 'position'),
      opened: (openings, commanded, receipt) =>
        this.#take(() => ({ kind: 'opened', openings, commanded }), receipt, 'opened'),
      passage: (passage, receipt) => this.#take(() => ({ kind: 'passage', passage }), receipt, 'passage'),
      fault: (fault, active, detail, receipt) =>
        this.#take(() => ({ kind: 'fault', fault, active, detail }), receipt, 'fault'),
      online: ({ position, openings }) =>
        this.#take(() => ({ kind: 'online', position, openings, levels: loops.levels() })),
      offline: (reason) => this.#take(() => ({ kind: 'offline', reason })),
      status: () => this.#notice.changed(),
    });
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#timers.stop();
    this.#storage.stop();
    this.#notice.stop();
    this.#orders.stop();
    const { barrier, payment, camera } = this.#deps;
    await Promise.all([barrier.stop(), payment?.stop(), camera?.stop()]);
  }

  snapshot() {
    return snapshotOf(this.#deps, this.#state);
  }

  onChange(listener: () => void): () => void {
    return this.#notice.listen(listener);
  }

  watchCamera(onFrame: Parameters<LaneService['watchCamera']>[0]): () => void {
    return this.#deps.camera?.watch(onFrame) ?? (() => undefined);
  }

  fault(fault: FaultCode, active: boolean, detail: string): void {
    this.#take(() => ({ kind: 'fault', fault, active, detail }));
  }

  async execute(order: Order, by: By): Promise<OrderResult> {
    if (!this.#running) return { ok: false, code: 'not_ready', detail: {} };
    return this.#orders.take(by.command, () => this.#begin(order, by));
  }

  #begin(order: Order, by: By): void {
    switch (order.op) {
      case 'gate':
        this.#take(() => ({ kind: 'gate', order: { by, action: order.action }, duration: order.duration }));
        return;
      case 'capture':
        this.#take(() => ({ kind: 'capture', by }));
        return;
      case 'entry':
      case 'exit':
        try {
          const presented = namedByOrder(this.#deps, order, by.command);
          this.#take(() => this.#credential(presented));
        } catch (error) {
          if (codeOf(error) !== 'bad_request') throw error;
          this.#orders.answer(by.command, { ok: false, code: 'bad_request', detail: {} });
        }
    }
  }

  #watchFor(fault: 'camera_offline' | 'terminal_offline') {
    return {
      online: () => this.fault(fault, false, ''),
      offline: (reason: string) => this.fault(fault, true, reason),
    };
  }

  #credential(presented: Presented): Input {
    return { kind: 'credential', presented, look: look(this.#deps, presented) };
  }

  #timerInput(name: TimerName): Input {
    if (name !== 'reconcile') return { kind: 'timer', timer: name };
    const { position, openings } = this.#deps.barrier.status();
    return { kind: 'reconcile', position, openings, levels: this.#deps.loops.levels() };
  }

  #restore(): void {
    const { journal, profile, log } = this.#deps;
    const stored = journal.laneState(profile.gate_id);
    this.#intake = new Intake(stored?.cause ?? null);
    if (stored === null) return;
    try {
      this.#state = readState(stored.state);
    } catch (error) {
      // A state of another version: the lane begins afresh, the records keep what happened.
      log('error', 'lane state not restored', { lane: profile.gate_id, code: codeOf(error), error: String(error) });
    }
  }

  /** Inputs are worked off one at a time, in order of arrival, also those that an effect brings about. */
  #take(input: () => Input, receipt: Receipt | null = null, kind?: Input['kind']) {
    if (!this.#running) return;
    if (receipt !== null && !this.#intake.accepts(receipt, kind !== undefined && ALONE.has(kind))) {
      return this.#receipts.owe(receipt);
    }
    this.#arrivals.push({ input, receipt });
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#arrivals.shift(); next !== undefined; next = this.#arrivals.shift()) {
      try {
        this.#turn(next);
      } catch (error) {
        // The journal takes nothing more, or a fault of ours: the input is given up, told in the log, and the next one is served. Told again it
        // would fail again, and a device that is never acknowledged falls silent after a few (our board after four).
        if (next.receipt !== null) this.#receipts.owe(next.receipt);
        this.#deps.log('error', 'input failed', {
          lane: this.#deps.profile.gate_id,
          code: codeOf(error),
          error: String(error),
        });
      }
    }
    this.#busy = false;
  }

  #turn({ input: build, receipt }: Arrival): void {
    const { journal, profile, stamps, log } = this.#deps;
    const input = build();
    const { origin, epoch, nextSeq } = journal;
    const prepared = mayOpen(this.#state, input) ? this.#actuator.prepare() : null;
    const context: Context = { now: stamps.now(), origin, epoch, nextSeq, prepared };
    const { state, records, effects, ignored } = step(this.#state, input, context, this.#rules);
    if (ignored !== null) {
      log('debug', 'input ignored', { lane: profile.gate_id, input: input.kind, state: this.#state.phase, ignored });
    }
    if (state !== this.#state || records.length > 0) {
      const entry = {
        drafts: records,
        lane: profile.gate_id,
        state: JSON.stringify(state),
        cause: receipt?.id ?? null,
      };
      this.#recorded = journal.append(entry).durable;
      this.#storage.watch(this.#recorded);
      this.#receipts.recording(this.#recorded);
      this.#state = state;
    }
    for (const effect of effects) this.#run(effect, this.#recorded);
    if (receipt !== null) this.#receipts.owe(receipt);
    this.#timers.follow(state.timers);
    this.#notice.changed();
  }

  #run(effect: Effect, recorded: Promise<void>) {
    const { replica, camera, photos, stamps } = this.#deps;
    switch (effect.kind) {
      case 'send':
        return this.#actuator.send(effect, recorded);
      case 'charge':
      case 'cancel':
      case 'resolve':
        return this.#collector?.ask(effect, recorded);
      case 'capture': {
        const feed = (input: Input) => this.#take(() => input);
        if (camera !== null) void photograph(effect.id, { camera, photos, stamps, feed });
        return;
      }
      case 'opened':
        return replica.opened(effect.session);
      case 'changed':
        return replica.changed(effect.session);
      case 'gone':
        return replica.gone(effect.session);
      case 'lookAgain':
        return this.#take(() => this.#credential(effect.presented));
      case 'answer':
        void this.#storage.wait(recorded, true).then(() => this.#orders.answer(effect.command, effect.answer));
    }
  }
}
