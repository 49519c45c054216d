import type { Clock } from '@palang/contract/clock';

/**
 * The machine's clocks. `monotonic` counts from the machine's boot (CLOCK_MONOTONIC), not from the start of this process, so that a stay that spans a
 * restart of the gateway is still measured exactly.
 */
export const systemClock: Clock = {
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  wall: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};
