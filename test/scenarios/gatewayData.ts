import { wiegand } from '@palang/contract/credential';
import type { ReplicaChange } from '@palang/contract/link/replica';
import { Tariff } from '@palang/contract/tariff/tariff';
import type { VehicleOrder } from '../site/world/vehicle.js';

/** The numbers that the demo cards carry. */
const CARDS = { CARD_001: 1_193_046, CARD_002: 6_636_321 } as const;

export type CardLabel = keyof typeof CARDS;

/** No free minutes: the shortest stay costs its first block. */
export const FIRST_BLOCK = 5_000;
const tariff = Tariff.parse({
  version: 'scenario-1',
  name: 'Scenario',
  effective_from: 0,
  ceiling: 100_000,
  rates: {
    car: {
      free_minutes: 0,
      first: { minutes: 60, amount: FIRST_BLOCK },
      increment: { minutes: 60, amount: 3_000 },
      daily_cap: null,
    },
  },
});

/** A driver who shows the card of that label, or none. */
export function vehicle(label: CardLabel | null, overrides: Partial<VehicleOrder> = {}): VehicleOrder {
  const card = label === null ? {} : { card: { bits: 26, value: CARDS[label] } as const };
  return {
    plate: 'B 1234 XYZ',
    type: 'car',
    pays: 'approve',
    instrument: 'emoney',
    behaviour: 'drive',
    ...card,
    ...overrides,
  };
}

/** What the hub would have sent to the gateway. */
export const REFERENCE_DATA: ReplicaChange[] = [
  {
    table: 'settings',
    key: 'site',
    value: {
      site_name: 'Scenario',
      time_zone: 'Asia/Jakarta',
      capacity: 10,
      when_full: 'deny',
      admit_unknown: false,
    },
  },
  { table: 'tariffs', key: tariff.version, value: tariff },
  ...Object.entries(CARDS).map(([label, value]) => ({
    table: 'cards' as const,
    key: label,
    value: cardRow(label, value),
  })),
];

function cardRow(label: string, value: number) {
  return {
    label,
    credential: wiegand(26, value),
    right: 'casual' as const,
    vehicle_class: 'car' as const,
    plate: null,
    status: 'active' as const,
    valid_from: null,
    valid_until: null,
  };
}
