import type { ArmPosition, FaultCode } from '@palang/contract/vocabulary';
import type { BarrierListener, BarrierStatus } from '../../ports/barrier.js';
import type { LoopName, Loops } from '../../ports/loops.js';
import type { Reader } from '../../ports/reader.js';
import type { Receipt } from '../../ports/receipt.js';
import { credentialOf, HeldCard } from './cards.js';
import type { BoardEvent, Status } from './messages.js';
import { CAUSE_UNEXPLAINED, EVENT_TYPE, faultsOf, INPUT, positionOf } from './words.js';

/** One thing to say. An event that says several gives its receipt to the last, so that it is kept until all are taken in. */
type Saying = (receipt: Receipt | null) => void;

const LOOPS: readonly LoopName[] = ['arming', 'closing'];

/**
 * Turns what the board says into what the ports' listeners hear: changes once, faults raised and cleared. Where a STATUS differs from what the events
 * have told (the board's queue was full), it says the difference without a receipt.
 */
export class Reporter {
  barrier: BarrierListener | null = null;
  loops: Parameters<Loops['start']>[0] | null = null;
  reader: Parameters<Reader['start']>[0] | null = null;

  readonly #held = new HeldCard();
  readonly #faults = new Set<FaultCode>();
  readonly #levels: Record<LoopName, boolean | null> = { arming: null, closing: null };
  #position: ArmPosition | null = null;
  #openings: number | null = null;
  #lost = 0;

  /** Events of an unknown type or without the data of their type. */
  malformed = 0;
  /** Frames of a card that was already there. */
  repeated = 0;

  online(snapshot: BarrierStatus): void {
    this.#position = snapshot.position;
    this.#openings = snapshot.openings;
    this.barrier?.online(snapshot);
  }

  offline(reason: string): void {
    this.barrier?.offline(reason);
  }

  fault(fault: FaultCode, active: boolean, detail: string, receipt: Receipt | null = null): void {
    if (this.#faults.has(fault) === active) return;
    if (active) this.#faults.add(fault);
    else this.#faults.delete(fault);
    this.barrier?.fault(fault, active, detail, receipt);
  }

  /** `caughtUp`: every event from before this STATUS was told. */
  status(status: Status, snapshot: BarrierStatus, caughtUp: boolean): void {
    if (caughtUp) this.#sync(status);
    this.#lostEvents(status, caughtUp);
    this.barrier?.status(snapshot);
  }

  event(event: BoardEvent, receipt: Receipt): void {
    const sayings = this.#sayings(event);
    if (sayings === null) this.malformed += 1;
    if (sayings === null || sayings.length === 0) receipt.acknowledge();
    else for (const [index, say] of sayings.entries()) say(index === sayings.length - 1 ? receipt : null);
  }

  #sync({ state, inputs, faults, openings }: Status): void {
    for (const say of [...this.#loopSayings(inputs, -1), ...this.#faultSayings(faults)]) say(null);
    const position = positionOf(state);
    if (this.#position !== position) this.#positionSaying(position, false)(null);
    if (this.#openings !== null && openings > this.#openings) this.#openedSaying(openings, false)(null);
  }

  #lostEvents({ lost_events }: Status, caughtUp: boolean): void {
    const more = lost_events - this.#lost;
    this.#lost = lost_events;
    if (more > 0) this.fault('board_events_lost', true, `${more} events found no room on the board`);
    else if (caughtUp) this.fault('board_events_lost', false, '');
  }

  /** Null for what is not understood. */
  #sayings(event: BoardEvent): Saying[] | null {
    const { type, data } = event;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const [first = 0, second = 0, third = 0] = data;
    if (data.length < (LENGTHS[type] ?? Number.POSITIVE_INFINITY)) return null;
    switch (type) {
      case EVENT_TYPE.input:
        return this.#loopSayings(first, second);
      case EVENT_TYPE.card:
        return this.#cardSayings(event);
      case EVENT_TYPE.cardError:
        return this.#ifReader((reader, receipt) => reader.unreadable(second === 1 ? 'length' : 'parity', receipt));
      case EVENT_TYPE.button:
        return this.#ifReader((reader, receipt) => reader.button(receipt));
      case EVENT_TYPE.state:
        return [this.#positionSaying(positionOf(first), third !== CAUSE_UNEXPLAINED)];
      case EVENT_TYPE.fault:
        return this.#faultSayings(view.getUint16(0, true));
      case EVENT_TYPE.opening:
        return [this.#openedSaying(view.getUint32(0, true), view.getUint8(4) !== CAUSE_UNEXPLAINED)];
      case EVENT_TYPE.passage:
        if (first !== 1 && first !== 2) return null;
        return [(receipt) => this.barrier?.passage(first === 1 ? 'entered' : 'left', receipt)];
      default:
        return null;
    }
  }

  #ifReader(say: (reader: NonNullable<Reporter['reader']>, receipt: Receipt | null) => void): Saying[] {
    const { reader } = this;
    return reader === null ? [] : [(receipt) => say(reader, receipt)];
  }

  #cardSayings(event: BoardEvent): Saying[] | null {
    const value = credentialOf(event);
    if (value === null) return null;
    if (!this.#held.repeats(value, event))
      return this.#ifReader((reader, receipt) => reader.credential(value, receipt));
    this.repeated += 1;
    return [];
  }

  #loopSayings(inputs: number, changed: number): Saying[] {
    const told = this.#levels;
    const listener = this.loops;
    return LOOPS.flatMap((loop) => {
      const occupied = (inputs & INPUT[loop]) !== 0;
      if ((changed & INPUT[loop]) === 0 || told[loop] === occupied) return [];
      told[loop] = occupied;
      return listener === null ? [] : [(receipt: Receipt | null) => listener(loop, occupied, receipt)];
    });
  }

  #faultSayings(bits: number): Saying[] {
    const active = new Set(faultsOf(bits));
    return faultsOf(-1)
      .filter((fault) => active.has(fault) !== this.#faults.has(fault))
      .map((fault) => (receipt) => this.fault(fault, active.has(fault), 'told by the board', receipt));
  }

  #positionSaying(position: ArmPosition, commanded: boolean): Saying {
    return (receipt) => {
      this.#position = position;
      this.barrier?.position(position, commanded, receipt);
    };
  }

  #openedSaying(openings: number, commanded: boolean): Saying {
    return (receipt) => {
      this.#openings = Math.max(openings, this.#openings ?? 0);
      this.barrier?.opened(openings, commanded, receipt);
    };
  }
}

/** Bytes of data that an event of each type has at least. */
const LENGTHS: Readonly<Record<number, number>> = {
  [EVENT_TYPE.input]: 2,
  [EVENT_TYPE.card]: 5,
  [EVENT_TYPE.cardError]: 2,
  [EVENT_TYPE.button]: 0,
  [EVENT_TYPE.state]: 3,
  [EVENT_TYPE.fault]: 4,
  [EVENT_TYPE.opening]: 7,
  [EVENT_TYPE.passage]: 1,
};
