import type { BarrierStatus } from '../../ports/barrier.js';
import type { LoopLevels } from '../../ports/loops.js';
import type { BoardEvent, Status } from './messages.js';
import { EVENT_TYPE, FLAG_HOLD, INPUT, positionOf } from './words.js';

const AWAY: LoopLevels = { arming: null, closing: null };

/** The board as it was last heard: its STATUS, brought forward by the events that are newer. */
export class Snapshot {
  #status: Status | null = null;
  #online = false;
  #firmware: string | null = null;
  #heardAt: number | null = null;

  online(firmware: string): void {
    this.#online = true;
    this.#firmware = firmware;
  }

  offline(): void {
    this.#online = false;
  }

  status(status: Status, at: number): void {
    this.#status = status;
    this.#heardAt = at;
  }

  /** What the board kept from before its last STATUS is history and changes nothing here. */
  event({ boot, time, type, data }: BoardEvent): void {
    const status = this.#status;
    if (status === null || boot !== status.boot || ((time - status.uptime) | 0) <= 0) return;
    const [first] = data;
    if (first === undefined) return;
    if (type === EVENT_TYPE.input) this.#status = { ...status, inputs: first };
    else if (type === EVENT_TYPE.state) this.#status = { ...status, state: first };
    else if (type === EVENT_TYPE.opening && data.length >= 4) {
      // Else who compares the counter between this event and the next STATUS finds an opening too few, and then one too many.
      const openings = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
      this.#status = { ...status, openings };
    }
  }

  barrier(): BarrierStatus {
    const status = this.#status;
    return {
      online: this.#online,
      position: status === null ? null : positionOf(status.state),
      lowerLimit: this.#input(INPUT.lowerLimit),
      upperLimit: this.#input(INPUT.upperLimit),
      armInPlace: this.#input(INPUT.armInPlace),
      held: status !== null && (status.flags & FLAG_HOLD) !== 0,
      openings: status?.openings ?? null,
      firmware: this.#firmware,
      heardAt: this.#heardAt,
    };
  }

  loops(): LoopLevels {
    if (!this.#online) return AWAY;
    return { arming: this.#input(INPUT.arming), closing: this.#input(INPUT.closing) };
  }

  #input(bit: number): boolean | null {
    return this.#status === null ? null : (this.#status.inputs & bit) !== 0;
  }
}
