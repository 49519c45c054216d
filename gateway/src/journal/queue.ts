import type { Cancel, Clock } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';
import type { Health } from '../ports/receipt.js';
import { PendingGroup } from './pending.js';
import type { JournalWriter } from './writer.js';

export interface QueueDependencies {
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly health: Health<'journal_failed'>;
  /** The file is beyond use. `unwritten` are the records it did not take; only a new start, with a new file, can go on. */
  damaged(reason: string, unwritten: readonly string[]): void;
  /** What a failing disk may leave in memory, characters of records. */
  readonly mostUnwritten?: number;
}

/** After so many groups the file is tidied up, once nothing has been appended for a while, ms. */
const TIDY_AFTER_GROUPS = 100;
const QUIET = 2_000;
const RETRY_FIRST = 100;
const RETRY_MOST = 5_000;
/** After these the file is opened anew: a disk that came back (plugged, mounted again) is another one to the system. */
const OPEN_ANEW: ReadonlySet<string | undefined> = new Set([
  'sqlite_io',
  'sqlite_readonly',
  'sqlite_corrupt',
  'sqlite_not_a_database',
  'journal_gap',
]);
/** Records of a busy lane for more than a day. */
const MOST_UNWRITTEN = 32 * 1024 * 1024;
/** What is tried again on a failing disk stays small: all of it goes to the writer's thread each time, characters. */
const MOST_AT_ONCE = 1024 * 1024;

/**
 * Hands groups to the writer one at a time, and while the disk is busy collects the next group; so a burst costs one fsync, and a lone record waits for
 * nobody. What a failing disk did not take is tried again, for ever, in order.
 */
export class GroupQueue {
  readonly #deps: QueueDependencies;
  readonly #stored: (seq: number | null) => void;
  #group = new PendingGroup();
  /** The group that the disk has not taken yet. */
  #underWay: PendingGroup | null = null;
  #writing: Promise<void> | null = null;
  #retry: Cancel | null = null;
  #retryNow: (() => void) | null = null;
  #closing = false;
  #untidy = 0;
  #tidying: Cancel | null = null;

  /** `stored` is told of each group that is on the disk: its last record's seq, null when it had none. */
  constructor(dependencies: QueueDependencies, stored: (seq: number | null) => void) {
    this.#deps = dependencies;
    this.#stored = stored;
  }

  /** The group that is being collected. */
  get group(): PendingGroup {
    return this.#group;
  }

  /** @throws CodedError `journal_full` while more waits for a failing disk than may. */
  admit(): void {
    const unwritten = this.#group.characters + (this.#underWay?.characters ?? 0);
    if (unwritten <= (this.#deps.mostUnwritten ?? MOST_UNWRITTEN)) return;
    throw new CodedError('journal_full', 'The disk has failed for so long that nothing more can be kept', {
      unwritten,
    });
  }

  /** Resolves when what was put into the group is on the disk; rejects with `journal_failed` at the first attempt that fails. */
  schedule(): Promise<void> {
    const { durable } = this.#group;
    // The microtask lets everything that is appended in this turn become one group, and one fsync.
    this.#writing ??= Promise.resolve().then(() => this.#drain());
    return durable;
  }

  /** Writes what is pending, with one last attempt when the disk is failing. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#tidying?.();
    this.#retryNow?.();
    while (this.#writing !== null) await this.#writing;
  }

  async #drain(): Promise<void> {
    let failures = 0;
    while (!this.#group.empty) {
      const group = this.#group;
      this.#group = new PendingGroup();
      this.#underWay = group;
      for (;;) {
        try {
          await this.#deps.writer.write(group);
          break;
        } catch (error) {
          failures += 1;
          group.failed(error);
          await this.#refused(error, group);
          if (this.#closing && failures > 1) {
            this.#writing = null;
            return;
          }
          await this.#pause(Math.min(RETRY_MOST, RETRY_FIRST * 2 ** Math.min(failures - 1, 10)));
          if (group.characters + this.#group.characters > MOST_AT_ONCE) continue;
          group.absorb(this.#group);
          this.#group = new PendingGroup();
        }
      }
      this.#underWay = null;
      if (failures > 0) this.#deps.health.clear('journal_failed');
      failures = 0;
      this.#untidy += 1;
      group.stored();
      this.#stored(group.records.at(-1)?.seq ?? null);
    }
    this.#writing = null;
    this.#tidyWhenQuiet();
  }

  async #refused(error: unknown, group: PendingGroup): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    this.#deps.health.raise('journal_failed', reason);
    const code = codeOf(error);
    // A file that cannot even be closed is told by the next attempt.
    if (OPEN_ANEW.has(code)) await this.#deps.writer.close().catch(() => undefined);
    if (code !== 'journal_damaged' || this.#closing) return;
    const unwritten = [...group.records, ...this.#group.records].map((record) => record.text);
    this.#deps.damaged(reason, unwritten);
  }

  #tidyWhenQuiet(): void {
    this.#tidying?.();
    if (this.#untidy < TIDY_AFTER_GROUPS || this.#closing) return;
    this.#tidying = this.#deps.clock.after(QUIET, () => {
      this.#untidy = 0;
      // What was not tidied up stays in the log, where it is as safe; a sick disk is told by the writes.
      this.#deps.writer.tidy().catch(() => undefined);
    });
  }

  #pause(delay: number): Promise<void> {
    if (this.#closing) return Promise.resolve();
    return new Promise((done) => {
      this.#retryNow = () => {
        this.#retry?.();
        this.#retryNow = null;
        done();
      };
      this.#retry = this.#deps.clock.after(delay, () => this.#retryNow?.());
    });
  }
}
