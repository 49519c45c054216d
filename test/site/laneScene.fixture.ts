import { readFileSync } from 'node:fs';
import { BoardHost } from '../fakes/boardHost.js';
import { type SimulatedLane, Site } from './site.js';
import { MemoryLedger } from './terminal/ledger.js';
import type { VehicleOrder } from './world/vehicle.js';

export const HEX = readFileSync(new URL('../../../arduino/palang-lane.hex', import.meta.url), 'utf8');

/** 2026-11-23T00:00:00Z. */
const WALL = 1_795_392_000_000;

export function order(overrides: Partial<VehicleOrder> = {}): VehicleOrder {
  return { plate: 'B 1234 XYZ', type: 'car', pays: 'approve', instrument: 'emoney', behaviour: 'drive', ...overrides };
}

/** One lane with the real firmware and a host that has just connected, all on the board's virtual time. */
export function lane(eeprom?: Uint8Array): { lane: SimulatedLane; host: BoardHost } {
  const site = new Site({
    hex: HEX,
    wall: () => WALL,
    lanes: [{ lane: 'gate_in', direction: 'in', terminal: new MemoryLedger(), eeprom }],
  });
  const simulated = site.lane('gate_in');
  const host = new BoardHost(simulated.board);
  runUntil(simulated, () => host.status?.boot !== undefined, 1_500);
  return { lane: simulated, host };
}

/** Runs in steps of a millisecond until `condition`; throws when it does not come about within `limitMs`. */
export function runUntil({ board }: SimulatedLane, condition: () => boolean, limitMs: number): void {
  const limit = board.nowMs + limitMs;
  while (!condition()) {
    if (board.nowMs >= limit) throw new Error(`it did not happen within ${limitMs} ms: ${condition}`);
    board.runUntil(board.nowMs + 1);
  }
}
