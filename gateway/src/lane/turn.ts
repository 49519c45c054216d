import { type EventId, eventId } from '@palang/contract/ids';
import { correctedWall } from '@palang/contract/instant';
import type { Draft, EventData, EventKind } from '@palang/contract/link/events';
import type { FaultCode } from '@palang/contract/vocabulary';
import type { Answer, Effect, Transition } from './effect.js';
import type { By, Context, GateOrder, Operation } from './input.js';
import type { LaneTimes, Rules } from './profile.js';
import type { LaneState, Opening, TimerName } from './state.js';

type Purpose = EventData<'photo_taken'>['purpose'];

/** Pictures under way at once, at most: a camera or a disk that hangs must not fill the state with them. */
const MOST_PHOTOS = 16;

/** One transition in the making. The state is replaced, never mutated; what is gathered here leaves in one piece. */
export class Turn {
  state: LaneState;
  readonly context: Context;
  readonly rules: Rules;
  readonly #records: Draft[] = [];
  #effects: Effect[] = [];
  #ignored: string | null = null;

  constructor(state: LaneState, context: Context, rules: Rules) {
    this.state = state;
    this.context = context;
    this.rules = rules;
  }

  get times(): LaneTimes {
    return this.rules.profile.times;
  }

  get wall(): number {
    return correctedWall(this.context.now);
  }

  /** The seq of the next record of this transition. */
  get seq(): number {
    return this.context.nextSeq + this.#records.length;
  }

  set(changes: Partial<LaneState>): void {
    this.state = { ...this.state, ...changes };
  }

  setOpening(changes: Partial<Opening>): void {
    if (this.state.opening !== null) this.set({ opening: { ...this.state.opening, ...changes } });
  }

  /** Records a fact and returns the name that it will have. */
  record<K extends EventKind>(kind: K, session: EventId | null, data: EventData<K>): EventId {
    const id = eventId({ origin: this.context.origin, epoch: this.context.epoch, seq: this.seq });
    this.#records.push({ kind, lane: this.rules.profile.gate_id, session, data } as Draft);
    return id;
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  answer(command: string | null, answer: Answer): void {
    if (command !== null) this.effect({ kind: 'answer', command, answer });
  }

  /** The arm is wanted up again: what this transition asked for before is not sent any more. */
  keepUp(): void {
    this.#effects = this.#effects.filter((effect) => effect.kind !== 'send' || effect.operation !== 'lower');
  }

  /** Asks the barrier for something that opens nothing. */
  command(operation: Exclude<Operation, 'raise' | 'hold'>, order: GateOrder | null = null): void {
    this.effect({ kind: 'send', operation, prepared: null, hold_open: 0, opening: null, paid: false, order });
  }

  start(timer: TimerName, after: number): void {
    const { boot, mono } = this.context.now;
    this.set({ timers: { ...this.state.timers, [timer]: { after, boot, due: mono + after } } });
  }

  stop(...names: TimerName[]): void {
    if (!names.some((name) => this.state.timers[name] !== undefined)) return;
    const timers = { ...this.state.timers };
    for (const name of names) delete timers[name];
    this.set({ timers });
  }

  raiseFault(fault: FaultCode, detail: string): void {
    if (this.state.faults.includes(fault)) return;
    this.set({ faults: [...this.state.faults, fault] });
    this.record('fault_raised', null, { fault, detail: detail.slice(0, 500) });
  }

  clearFault(fault: FaultCode): void {
    if (!this.state.faults.includes(fault)) return;
    this.set({ faults: this.state.faults.filter((other) => other !== fault) });
    this.record('fault_cleared', null, { fault });
  }

  get photosFull(): boolean {
    return this.state.photos.length >= MOST_PHOTOS;
  }

  /** Takes a picture if there is a camera; nothing waits for it. */
  capture(purpose: Purpose, session: EventId | null, by: By | null = null): void {
    if (!this.rules.camera) return;
    if (this.photosFull) return void this.record('photo_missed', session, { purpose, reason: 'camera_busy' });
    const id = by?.command ?? `${this.seq}-${purpose}`;
    this.set({ photos: [...this.state.photos, { id, purpose, session, by }] });
    this.effect({ kind: 'capture', id });
  }

  tell(result: string, card: string | null = null, plate: string | null = null): void {
    this.set({ last: { card, plate, result, at: this.wall } });
  }

  ignore(reason: string): void {
    this.#ignored = reason;
  }

  done(): Transition {
    return { state: this.state, records: this.#records, effects: this.#effects, ignored: this.#ignored };
  }
}
