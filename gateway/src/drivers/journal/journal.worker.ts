import { parentPort, workerData } from 'node:worker_threads';
import { CodedError } from '@palang/contract/errors';
import { openJournal } from '../../journal/open.js';
import type { JournalStore } from '../../journal/store.js';
import { sha256 } from '../system/sha256.js';
import type { Answer, Request, WorkerOptions } from './protocol.js';
import { setAside } from './setAside.js';

/** The thread that owns the journal's file: an fsync that takes seconds on a bad card stops nothing but the journal. */
const port = parentPort;
if (port === null) throw new Error('Runs as a worker only');
const options = workerData as WorkerOptions;

const told = (answer: Answer): void => port.postMessage(answer);
const failed = (error: unknown): void =>
  told({
    ok: false,
    code: error instanceof CodedError ? error.code : 'journal_failed',
    message: error instanceof Error ? error.message : String(error),
  });

let store: JournalStore | null = null;
try {
  const place = {
    path: options.path,
    sha256,
    setAside(path: string): string {
      if (options.mustBe === null) return setAside(path);
      throw new CodedError('journal_damaged', 'Damaged while in use; a restart sets it aside', { path });
    },
  };
  const result = openJournal(place, { origin: options.origin, newEpoch: options.newEpoch });
  store = result.store;
  if (options.mustBe !== null && store.epoch !== options.mustBe) {
    throw new CodedError('journal_exchanged', 'Another journal stands in its place', { epoch: store.epoch });
  }
  told({ ok: true, value: result.opened });
} catch (error) {
  store?.close();
  store = null;
  failed(error);
  port.close();
}

port.on('message', (request: Request) => {
  if (store === null) return;
  try {
    told({ ok: true, value: perform(store, request) ?? null });
  } catch (error) {
    failed(error);
  }
  if (request.op === 'close') port.close();
});

function perform(open: JournalStore, request: Request) {
  switch (request.op) {
    case 'write':
      return open.write(request.group);
    case 'read':
      return open.read(request.from);
    case 'hashOf':
      return open.hashOf(request.seq);
    case 'prune':
      return open.prune(request.rule);
    case 'tidy':
      return open.tidy();
    case 'close':
      return open.close();
  }
}
