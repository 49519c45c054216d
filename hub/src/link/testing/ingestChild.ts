import { connect } from '@palang/db/connect';
import { machine } from '@palang/db/testing/engines';
import { createIngest } from '../ingest.js';
import { sha256 } from '../keys.js';
import { shipAll, TestJournal } from './journal.js';

/** A process that ingests the journals its parent sends, reports each mark, and waits to be killed. */
const database = connect(process.argv[2] ?? '', machine);
process.once('message', (journals: TestJournal[]) => {
  const ingest = createIngest({
    database,
    clock: machine.clock,
    sha256,
    report(error) {
      throw error;
    },
  });
  const work = async () => {
    for (const sent of journals) {
      const journal = Object.assign(new TestJournal(sent.origin, sent.epoch), sent);
      await shipAll(ingest, journal, journal.records.length, 3, (seq) => process.send?.(seq));
    }
    await database.close();
    process.disconnect();
  };
  void work();
});
