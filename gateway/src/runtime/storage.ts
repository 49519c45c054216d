import type { Cancel, Clock } from '@palang/contract/clock';

/** A sick disk may not trap drivers: an opening waits for its record no longer than this, ms. */
export const OPENING_BOUND = 250;
export const PAID_BOUND = 1_000;
/** So many records in a row, each on the disk within the bound, end the fault. */
const WELL_AGAIN = 3;

/**
 * Waits for records to be durable, within the bound. The first overrun latches: later openings do not wait until the disk is well again;
 * their records follow. A record that nobody waits for overruns after the longer bound, so that a sick disk is found before a driver comes.
 */
export class Storage {
  readonly #clock: Clock;
  readonly #changed: (slow: boolean, detail: string) => void;
  #slow = false;
  #inTime = 0;
  readonly #outstanding = new Set<Cancel>();
  /** Of records whose first attempt failed: nobody is told when the journal stores them, but not later than the next that succeeds. */
  readonly #failed = new Set<Cancel>();

  constructor(clock: Clock, changed: (slow: boolean, detail: string) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Every append is told here, so that a disk that falls ill, or is well again, is noticed. */
  watch(durable: Promise<void>): void {
    const begun = this.#clock.monotonic();
    const overdue = this.#clock.after(PAID_BOUND, () =>
      this.#latch(`a record was not on the disk after ${PAID_BOUND} ms`),
    );
    this.#outstanding.add(overdue);
    const over = () => {
      this.#outstanding.delete(overdue);
      overdue();
    };
    durable.then(
      () => {
        over();
        this.#forget(this.#failed);
        this.#arrived(this.#clock.monotonic() - begun);
      },
      // The journal reports its own failures and tries again; here it only is no sign of health.
      () => {
        if (this.#outstanding.delete(overdue)) this.#failed.add(overdue);
        this.#arrived(Number.POSITIVE_INFINITY);
      },
    );
  }

  /** Nothing more is found out; what waits for a record goes on waiting for it. */
  stop(): void {
    this.#forget(this.#outstanding);
    this.#forget(this.#failed);
  }

  /** Resolves when the record is durable, or when waiting longer would do more harm than good. Never rejects. */
  async wait(durable: Promise<void>, paid: boolean): Promise<void> {
    if (this.#slow) return;
    const bound = paid ? PAID_BOUND : OPENING_BOUND;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(bound, () => {
        this.#latch(`a record was not on the disk after ${bound} ms`);
        resolve();
      });
      const settled = (failed: boolean) => {
        cancel();
        if (failed) this.#latch('a record could not be written');
        resolve();
      };
      durable.then(
        () => settled(false),
        () => settled(true),
      );
    });
  }

  #forget(timers: Set<Cancel>): void {
    for (const cancel of timers) cancel();
    timers.clear();
  }

  #latch(detail: string): void {
    if (this.#slow) return;
    this.#slow = true;
    this.#inTime = 0;
    this.#changed(true, detail);
  }

  #arrived(took: number): void {
    if (!this.#slow) return;
    this.#inTime = took <= OPENING_BOUND ? this.#inTime + 1 : 0;
    if (this.#inTime < WELL_AGAIN) return;
    this.#slow = false;
    this.#changed(false, '');
  }
}
