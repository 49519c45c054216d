import { join } from 'node:path';
import { Epoch } from '@palang/contract/ids';
import { workerWriter } from '../drivers/journal/workerWriter.js';
import { systemRandom } from '../drivers/system/random.js';
import { origin, startedEntry, testJournal } from './journalPlace.js';

/** Appends without end and prints the last durable seq after each group, until it is killed. */
const folder = process.argv[2] ?? '';
const writer = workerWriter({ path: join(folder, 'journal.db'), origin, newEpoch: Epoch.parse(systemRandom.hex(8)) });
const { journal } = testJournal(folder, { writer });
await journal.open();
for (;;) {
  const appended = [1, 2, 3].map(() => journal.append(startedEntry('x'.repeat(400))).durable);
  await Promise.all(appended);
  process.stdout.write(`${journal.durableSeq}\n`);
}
