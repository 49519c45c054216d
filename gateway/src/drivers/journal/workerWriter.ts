import { Worker } from 'node:worker_threads';
import { CodedError } from '@palang/contract/errors';
import type { Digest, Epoch } from '@palang/contract/ids';
import type { Batch, JournalWriter, Opened } from '../../journal/writer.js';
import type { Answer, Request, WorkerOptions } from './protocol.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The writer on a thread of its own. A thread that died or was closed is started again by the next call and must find its file as it was: a damaged one is
 * `journal_damaged` and left in its place, another journal (a disk that is not mounted) is `journal_exchanged`.
 */
export function workerWriter(options: { path: string; origin: string; newEpoch: Epoch }): JournalWriter {
  let worker: Worker | null = null;
  let waiting: Waiting[] = [];
  let epoch: Epoch | null = null;

  function start(): Promise<Opened> {
    const workerData: WorkerOptions = { ...options, mustBe: epoch };
    const started = new Worker(new URL('./journal.worker.js', import.meta.url), { workerData });
    worker = started;
    waiting = [];
    const mine = waiting;
    const died = (error: Error): void => {
      if (worker === started) worker = null;
      for (const one of mine.splice(0)) one.reject(error);
    };
    started.on('message', (answer: Answer) => {
      const next = mine.shift();
      if (answer.ok) next?.resolve(answer.value);
      else next?.reject(new CodedError(answer.code, answer.message));
    });
    started.on('error', (error) => died(new CodedError('journal_failed', 'The journal thread failed', { error })));
    started.on('exit', () => died(new CodedError('journal_failed', 'The journal thread ended')));
    const opening = new Promise<unknown>((resolve, reject) => mine.push({ resolve, reject }));
    return opening.then(
      (value) => {
        const opened = value as Opened;
        epoch = opened.epoch;
        return opened;
      },
      (error: Error) => {
        // Its thread ends by itself; the next call is not to wait for that.
        if (worker === started) worker = null;
        throw error;
      },
    );
  }

  async function call(request: Request): Promise<unknown> {
    if (worker === null) await start();
    const open = worker;
    if (open === null) throw new CodedError('journal_failed', 'The journal thread ended');
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      open.postMessage(request);
    });
  }

  return {
    open: start,
    write: async (group) => {
      // Copied field by field: the group also carries its promise, which no thread can take over.
      const { records, subjects, lanes, notes } = group;
      await call({ op: 'write', group: { records, subjects, lanes, notes } });
    },
    read: async (from) => (await call({ op: 'read', from })) as Batch,
    hashOf: async (seq) => (await call({ op: 'hashOf', seq })) as Digest | null,
    prune: async (rule) => (await call({ op: 'prune', rule })) as number,
    async tidy() {
      await call({ op: 'tidy' });
    },
    async close() {
      const open = worker;
      if (open === null) return;
      try {
        await call({ op: 'close' });
      } finally {
        await open.terminate();
        if (worker === open) worker = null;
      }
    },
  };
}
