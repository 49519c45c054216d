import type { CodedError } from '@palang/contract/errors';
import type { ArmPosition, FaultCode } from '@palang/contract/vocabulary';
import type { Receipt } from './receipt.js';

export type BarrierOperation = 'raise' | 'lower' | 'hold' | 'release' | 'stop';

/** What the device will call the next command. Recorded before the command is sent. */
export interface PreparedCommand {
  readonly boot: number;
  readonly sequence: number;
}

export interface BarrierStatus {
  readonly online: boolean;
  /** Null before the device first answered. */
  readonly position: ArmPosition | null;
  readonly lowerLimit: boolean | null;
  readonly upperLimit: boolean | null;
  readonly armInPlace: boolean | null;
  readonly held: boolean;
  /** Persistent count of openings, whatever caused them; null where the device has no counter. */
  readonly openings: number | null;
  readonly firmware: string | null;
  /** Clock.monotonic() of the last answer. */
  readonly heardAt: number | null;
}

export interface BarrierListener {
  /** The arm moved or stopped. `commanded` is false when neither a command of ours nor a reflex of the device explains it. */
  position(position: ArmPosition, commanded: boolean, receipt: Receipt | null): void;
  /** The opening counter rose to `openings`. */
  opened(openings: number, commanded: boolean, receipt: Receipt | null): void;
  /** A vehicle came under the open arm, or left from under it, as proven by the device. */
  passage(kind: 'entered' | 'left', receipt: Receipt | null): void;
  fault(fault: FaultCode, active: boolean, detail: string, receipt: Receipt | null): void;
  /** Told after each (re)connect, with everything known, before any other input of that connection. */
  online(status: BarrierStatus): void;
  offline(reason: string): void;
  /** Status was refreshed (several times a second); lossy, for displays. */
  status(status: BarrierStatus): void;
}

/**
 * Moves an arm, or rather asks for it: what protects people and vehicles is in the device, not behind this port.
 *
 * Obligations of every implementation:
 * - `send` rejects with `barrier_offline` at once when the device is not connected; nothing is ever queued for a device that is away, and
 *   nothing sent before a disconnect takes effect after it.
 * - A command carries an expiry that the device itself checks where it can (5 s at most). `send` settles within 2 s: resolved when the device
 *   accepted it, else rejected (`barrier_refused` with the device's reason, `barrier_no_answer` when the outcome is unknown, `barrier_offline`).
 * - A repeated `send` of the same prepared command moves the arm at most once.
 * - Faults are raised and cleared; `offline` is told once per loss, `online` once per return.
 */
export interface Barrier {
  /** True when the device itself refuses to lower on an occupied loop. */
  readonly protected: boolean;
  start(listener: BarrierListener): void;
  stop(): Promise<void>;
  status(): BarrierStatus;
  /** @throws CodedError `barrier_offline`. */
  prepare(): PreparedCommand;
  /** `hold_open` is the minimum time held open, ms, for `raise`. */
  send(operation: BarrierOperation, command: PreparedCommand, hold_open: number): Promise<void>;
}

export type BarrierError = CodedError<'barrier_offline' | 'barrier_refused' | 'barrier_no_answer'>;
