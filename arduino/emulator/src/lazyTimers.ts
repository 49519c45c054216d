import { AVRTimer, type AVRTimerConfig, CPU } from 'avr8js';

type ClockEvent = () => void;

/**
 * What of avr8js's timer this file needs to see. The library counts every single tick by a clock event (every 64 cycles for the
 * Arduino core), which costs more than the instructions themselves and leaves nothing to skip while the CPU sleeps.
 */
interface TimerInternals {
  readonly count: (reschedule?: boolean) => void;
  readonly TOP: number;
  readonly timerMode: number;
  readonly divider: number;
  readonly lastCycle: number;
  readonly tcnt: number;
  readonly ocrA: number;
  readonly ocrB: number;
  readonly countingUp: boolean;
  readonly tcntUpdated: boolean;
  readonly updateDivider: boolean;
}

const PHASE_CORRECT = 1;
const PHASE_FREQUENCY_CORRECT = 4;

/** A CPU whose timers wake only at overflows, compare matches and turning points; between them the count is computed on demand. */
export class LazyCpu extends CPU {
  /** Called instead of the library's half reset (it leaves the peripherals as they were) when the watchdog bites. */
  onReset: (() => void) | undefined;
  #timers: Map<ClockEvent, TimerInternals> | undefined;

  /** The cycle of the next peripheral event, or Infinity. */
  get nextEventCycle(): number {
    const { nextClockEvent } = this as unknown as { nextClockEvent: { cycles: number } | null };
    return nextClockEvent?.cycles ?? Number.POSITIVE_INFINITY;
  }

  override reset(): void {
    if (this.onReset) this.onReset();
    else super.reset();
  }

  /** The library runs one due event per instruction, so that events due together depend on the order of planning; here they run together. */
  override tick(): void {
    do super.tick();
    while (this.nextEventCycle <= this.cycles);
  }

  override addClockEvent(callback: ClockEvent, cycles: number): ClockEvent {
    const timer = this.#timers?.get(callback);
    return super.addClockEvent(callback, timer === undefined ? cycles : cycles + skippedCycles(timer));
  }

  /** Makes a timer lazy: registers it, and re-plans its next event when the program moves a compare value or the mode. */
  addTimer(config: AVRTimerConfig): AVRTimer {
    const timer = new AVRTimer(this, config);
    const internals = timer as unknown as TimerInternals;
    this.#timers ??= new Map();
    this.#timers.set(internals.count, internals);
    const registers = [config.OCRA, config.OCRB, config.TCCRA, ...(config.bits === 16 ? [config.ICR] : [])];
    for (const register of registers) {
      const hook = this.writeHooks[register];
      if (hook === undefined) continue;
      this.writeHooks[register] = (value, oldValue, address, mask) => {
        internals.count(false);
        const handled = hook(value, oldValue, address, mask);
        this.updateClockEvent(internals.count, internals.lastCycle + internals.divider - this.cycles);
        return handled;
      };
    }
    return timer;
  }
}

/** Cycles from the next tick to the first tick at which the timer does something visible. */
function skippedCycles(timer: TimerInternals): number {
  if (timer.updateDivider || timer.tcntUpdated || timer.divider === 0) return 0;
  return Math.max(0, ticksToNextChange(timer) - 1) * timer.divider;
}

function ticksToNextChange({ timerMode, TOP, tcnt, ocrA, ocrB, countingUp }: TimerInternals): number {
  if (timerMode === PHASE_CORRECT || timerMode === PHASE_FREQUENCY_CORRECT) {
    const distance = (target: number) => (countingUp ? target - tcnt : tcnt - target);
    return nearest([distance(countingUp ? TOP : 0), distance(ocrA), distance(ocrB)]);
  }
  // TOP itself is a stop because the library overlooks a match when a whole round passes at once.
  return nearest([TOP - tcnt, TOP + 1 - tcnt, ocrA - tcnt, ocrB - tcnt]);
}

function nearest(distances: readonly number[]): number {
  let best = Number.POSITIVE_INFINITY;
  for (const distance of distances) if (distance > 0 && distance < best) best = distance;
  return best === Number.POSITIVE_INFINITY ? 1 : best;
}
