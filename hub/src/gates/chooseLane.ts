import { CodedError } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import type { Directory } from '../link/ports.js';

/** @throws CodedError `unknown_gate`. */
export function knownLane(directory: Directory, name: string): GateId {
  const lane = directory.lane(name);
  if (lane === null) throw new CodedError('unknown_gate', `There is no lane ${name}`, { gate_id: name });
  return lane.lane.gate_id;
}

/**
 * The lane that was named, or the only one of the direction.
 * @throws CodedError `unknown_gate`, `gate_ambiguous` with the candidates.
 */
export function chooseLane(directory: Directory, name: string | undefined, direction: 'in' | 'out'): GateId {
  if (name !== undefined) return knownLane(directory, name);
  const lanes = directory.lanes().map(({ lane }) => lane);
  const fitting = lanes.filter((lane) => lane.direction === direction || lane.direction === 'reversible');
  const [only] = fitting;
  if (only === undefined) throw new CodedError('unknown_gate', `No lane leads ${direction}`, { direction });
  if (fitting.length > 1) {
    const candidates = fitting.map((lane) => lane.gate_id);
    throw new CodedError('gate_ambiguous', `Several lanes lead ${direction}: name one as gate_id`, { candidates });
  }
  return only.gate_id;
}
