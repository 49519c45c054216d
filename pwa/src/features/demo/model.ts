import type { SessionView } from '@palang/contract/api/shapes';
import type { VehicleClass } from '@palang/contract/vocabulary';

export interface Visitor {
  readonly license_plate: string;
  readonly card_id: string;
  readonly vehicle_type: VehicleClass;
}

const REGIONS = ['B', 'B', 'B', 'D', 'F', 'L', 'N', 'AB', 'AD', 'DK'];
/** Letters issued in plate suffixes; I, O and Q are left out as too easily misread. */
const LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';

/** A visitor that could stand at any Indonesian gate, with a card that nobody inside holds. `unit` gives numbers in [0, 1). */
export function newVisitor(inside: readonly SessionView[], unit: () => number): Visitor {
  const pick = <T>(list: ArrayLike<T>) => list[Math.floor(unit() * list.length)] as T;
  const taken = new Set(inside.map(({ card_id }) => card_id));
  let card: string;
  do card = `DEMO_${1000 + Math.floor(unit() * 9000)}`;
  while (taken.has(card));
  const plate = `${pick(REGIONS)} ${1000 + Math.floor(unit() * 9000)} ${pick(LETTERS)}${pick(LETTERS)}${pick(LETTERS)}`;
  return { license_plate: plate, card_id: card, vehicle_type: 'car' };
}

/** Who leaves next: one of those parked, by chance; null when nobody can. */
export function leavingVisitor(inside: readonly SessionView[], unit: () => number): Visitor | null {
  const parked = inside.filter(({ status, card_id }) => status === 'parked' && card_id !== null);
  const session = parked[Math.floor(unit() * parked.length)];
  if (session?.card_id == null) return null;
  return {
    license_plate: session.license_plate ?? 'B 1 X',
    card_id: session.card_id,
    vehicle_type: session.vehicle_type ?? 'car',
  };
}
