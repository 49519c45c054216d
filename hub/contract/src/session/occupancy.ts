/** Available places are never negative; what does not fit is said apart. */
export interface Occupancy {
  readonly capacity: number;
  readonly occupied: number;
  readonly available: number;
  readonly over_by: number;
}

export function occupancy(capacity: number, occupied: number): Occupancy {
  return {
    capacity,
    occupied,
    available: Math.max(0, capacity - occupied),
    over_by: Math.max(0, occupied - capacity),
  };
}
