import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, codeOf } from '@palang/contract/errors';
import { GateId } from '@palang/contract/ids';
import { temporaryFolder } from '../testing/folder.js';
import { startedEntry, testJournal, testWriter } from '../testing/journalPlace.js';
import { settle } from '../testing/manualClock.js';
import type { JournalWriter } from './writer.js';

const lane = GateId.parse('gate_in');

test('a disk that fails is told, nothing counts as durable, and the same records are written when it recovers', async (t) => {
  const folder = temporaryFolder(t);
  const inner = testWriter(folder);
  let sick = true;
  const writer: JournalWriter = {
    ...inner,
    write: async (group) => {
      if (sick) throw new Error('EIO');
      await inner.write(group);
    },
  };
  const { journal, clock, told } = testJournal(folder, { writer });
  const durable: number[] = [];
  journal.onDurable((seq) => durable.push(seq));
  await journal.open();
  await assert.rejects(journal.append(startedEntry('1')).durable, { code: 'journal_failed' });
  const second = journal.append(startedEntry('2')).durable;
  const refused = assert.rejects(second, { code: 'journal_failed' });
  await clock.advance(100);
  await refused;
  assert.deepEqual([journal.durableSeq, durable, told], [0, [], ['raised journal_failed', 'raised journal_failed']]);

  sick = false;
  const third = journal.append(startedEntry('3')).durable;
  await clock.advance(1_000);
  await third;
  assert.deepEqual([journal.durableSeq, durable, told.at(-1)], [3, [3], 'cleared journal_failed']);
  assert.equal((await journal.read(1)).records.length, 3);
  await journal.close();
  assert.equal(clock.timers, 0);
});

test('a file that fails is opened anew before it is written again, and goes on where it was', async (t) => {
  const inner = testWriter(temporaryFolder(t));
  let open = true;
  let sick = false;
  const writer: JournalWriter = {
    ...inner,
    write: async (group) => {
      if (sick && open) throw new CodedError('sqlite_io', 'the disk was pulled out');
      await inner.write(group);
    },
    async close() {
      open = false;
      await inner.close();
    },
  };
  const { journal, clock, told } = testJournal('', { writer });
  await journal.open();
  await journal.append(startedEntry('1')).durable;
  sick = true;
  await assert.rejects(journal.append(startedEntry('2')).durable, { code: 'journal_failed' });
  await clock.advance(100);
  assert.deepEqual([journal.durableSeq, told], [2, ['raised journal_failed', 'cleared journal_failed']]);
  await journal.close();
});

test('a file that turns out damaged while in use is told once per attempt, with the records that it did not take', async (t) => {
  const inner = testWriter(temporaryFolder(t));
  const writer: JournalWriter = {
    ...inner,
    write: () => Promise.reject(new CodedError('journal_damaged', 'chain broken')),
  };
  const { journal, told } = testJournal('', { writer });
  await journal.open();
  const { durable } = journal.append(startedEntry('1'));
  journal.append(startedEntry('2'));
  await assert.rejects(durable, { code: 'journal_failed' });
  await settle();
  assert.deepEqual(told, ['raised journal_failed', 'damaged, 2 left']);
  await journal.close();
  assert.deepEqual(told.slice(2), ['raised journal_failed']);
});

test('what waits for a failing disk is bounded: beyond it nothing is taken, and after it all is there and goes on', async (t) => {
  const inner = testWriter(temporaryFolder(t));
  let sick = true;
  const sizes: number[] = [];
  const writer: JournalWriter = {
    ...inner,
    write: async (group) => {
      sizes.push(group.lanes.length + group.notes.length);
      if (sick) throw new Error('EIO');
      await inner.write(group);
    },
  };
  const { journal, clock } = testJournal('', { writer, mostUnwritten: 20_000 });
  await journal.open();
  let taken = 0;
  const refused = (): unknown => {
    for (; taken < 1_000; taken++) {
      try {
        journal.append({ ...startedEntry(`${taken}`), lane, state: `{"turn":${taken}}` });
      } catch (error) {
        return error;
      }
      journal.set('counter', `${taken}`).catch(() => undefined);
    }
    return null;
  };
  assert.equal(codeOf(refused()), 'journal_full');
  await clock.advance(10_000);
  assert.equal(codeOf(refused()), 'journal_full');
  assert.equal(journal.nextSeq, taken + 1);
  assert.ok(taken > 20 && Math.max(...sizes) === 2, `${taken} taken; rows at once: ${Math.max(...sizes)}`);

  sick = false;
  await clock.advance(5_000);
  assert.equal(journal.durableSeq, taken);
  await journal.append(startedEntry('well again')).durable;
  await journal.close();
  const opened = await inner.open();
  assert.equal(opened.seq, taken + 1);
  assert.deepEqual(
    opened.lanes.map(({ state }) => state),
    [`{"turn":${taken - 1}}`],
  );
  await inner.close();
});
