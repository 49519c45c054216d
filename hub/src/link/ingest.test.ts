import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventId } from '@palang/contract/ids';
import { machine, onEachEngine } from '@palang/db/testing/engines';
import { createIngest } from './ingest.js';
import { sha256 } from './keys.js';
import type { Commit } from './ports.js';
import { booksOf, openBooks, oracle } from './testing/books.js';
import { shipAll, TestJournal } from './testing/journal.js';

const failOn = (error: unknown): never => assert.fail(String(error));

/** A small deterministic source of choices, so that a failing run can be repeated by its seed. */
function choices(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Two gateways and a handful of cards: entries, exits at the other gateway, overlaps, back-outs, faults. */
function busySite(seed: number): TestJournal[] {
  const choose = choices(seed);
  const [entry, exit] = [new TestJournal('gw-in'), new TestJournal('gw-out')];
  const open: EventId[] = [];
  for (let step = 0; step < 40; step += 1) {
    const wall = 1_000_000 + step * 60_000;
    const card = `w26:${choose(4)}`;
    const act = choose(6);
    const journal = choose(4) === 0 ? exit : entry;
    if (act <= 2) open.push(journal.enters(card, wall, choose(2) === 0 ? null : `B${choose(9) + 1}XY`));
    else if (act === 3) {
      const session = journal.add('entry_approved', journal.approval(card), { wall });
      journal.add('entry_voided', { reason: 'back_out' }, { wall: wall + 9_000, session });
    } else if (act === 4)
      exit.add('fault_raised', { fault: 'board_offline', detail: `${step}` }, { wall, lane: 'gate_out' });
    else {
      const session = open.splice(choose(open.length), 1)[0];
      if (session !== undefined) exit.leaves(session, wall, 1_000 * (1 + choose(5)));
    }
  }
  return [entry, exit];
}

onEachEngine((engine) => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`batches delivered 1 to 5 times, reordered and cut anywhere give the books of the fold (seed ${seed})`, async () => {
      const { database, ingest, reports } = await openBooks(engine);
      const journals = busySite(seed);
      const choose = choices(seed * 7_919);
      const batches = journals.flatMap((journal) => {
        const cut: { journal: TestJournal; from: number; to: number }[] = [];
        for (let from = 1; from <= journal.records.length; ) {
          const to = Math.min(journal.records.length, from + choose(12));
          for (let copy = choose(5); copy >= 0; copy -= 1) {
            // A copy may be cut short, or begin earlier than the last one ended.
            cut.push({
              journal,
              from: Math.max(1, from - choose(4)),
              to: copy === 0 ? to : from + choose(to - from + 1),
            });
          }
          from = to + 1;
        }
        return cut;
      });
      for (let round = 0; round < 3; round += 1) {
        for (const { journal, from, to } of [...batches].sort(() => choose(3) - 1)) {
          const { problem } = await ingest.accept(journal.origin, journal.batch(from, to));
          assert.ok(problem === null || problem === 'gap', problem ?? '');
        }
      }
      for (const journal of journals) await shipAll(ingest, journal);
      const books = await booksOf(database);
      assert.deepEqual(books.sessions, oracle(journals));
      assert.deepEqual(
        books.records.length,
        journals.reduce((total, journal) => total + journal.records.length, 0),
      );
      const paid = Object.values(books.sessions).flatMap((session) => session.payments.map((payment) => payment.key));
      assert.deepEqual(
        (books.payments as { payment_key: string }[]).map((row) => row.payment_key),
        paid.sort(),
      );
      assert.deepEqual(reports, []);
    });
  }

  test('a batch above the mark is refused as a gap and nothing of it is stored', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    journal.enters('w26:1', 1_000);
    assert.deepEqual(await ingest.accept(journal.origin, journal.batch(2)), { mark: null, problem: 'gap' });
    assert.deepEqual((await booksOf(database)).records, []);
  });

  test('records that nobody understands are stored, listed for attention, and the mark goes on', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    journal.enters('w26:1', 1_000);
    const parts = (changes: object) => JSON.stringify({ ...JSON.parse(journal.records[0] ?? ''), ...changes });
    journal.raw('not json at all');
    journal.raw('{"v":2}');
    journal.raw(parts({ seq: 5, kind: 'teleported' }));
    journal.raw(parts({ seq: 6, data: { credential: 12 } }));
    journal.raw(parts({ seq: 1 }));
    const last = journal.enters('w26:2', 2_000);
    await shipAll(ingest, journal, 9, 64);
    const attention = await database.query<{ code: string; seq: number }>(
      'SELECT code, seq FROM attention ORDER BY seq',
    );
    assert.deepEqual(
      attention.map(({ code, seq }) => `${seq} ${code}`),
      ['3 bad_json', '4 bad_header', '5 unknown_kind', '6 bad_data', '7 bad_position'],
    );
    const { sessions, records } = await booksOf(database);
    assert.equal(records.length, 9);
    assert.ok(sessions[last]?.entered);
  });

  test('another record under a name that is taken is kept aside, never ignored, never believed', async () => {
    const { database, ingest } = await openBooks(engine);
    const [real, forged] = [new TestJournal('gw-in'), new TestJournal('gw-in')];
    real.enters('w26:1', 1_000);
    forged.enters('w26:2', 9_000);
    await shipAll(ingest, real);
    const before = await booksOf(database);
    for (let time = 0; time < 3; time += 1) {
      const answer = await ingest.accept(forged.origin, forged.batch(1));
      assert.equal(answer.problem, 'conflict');
      assert.equal(answer.mark?.hash, real.hashes[1]);
    }
    assert.deepEqual(await booksOf(database), before);
    const [item] = await database.query<{ record: string; times: number }>(
      "SELECT record, times FROM attention WHERE code = 'conflict'",
    );
    assert.equal(item?.record, forged.records[0]);
    assert.equal(item?.times, 3);
  });

  test('a run whose chain does not verify is refused, and after the third time set aside so that the gateway goes on', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    journal.enters('w26:1', 1_000);
    const rotten = { ...journal.batch(1), records: [journal.records[0] ?? '', `${journal.records[1]} `] };
    const shorter = { ...rotten, records: rotten.records.slice(0, 1) };
    for (const attempt of [shorter, rotten]) {
      assert.deepEqual(await ingest.accept(journal.origin, attempt), { mark: null, problem: 'chain_mismatch' });
    }
    assert.equal((await ingest.accept(journal.origin, rotten)).mark?.seq, 2);
    const later = journal.enters('w26:2', 2_000);
    await shipAll(ingest, journal);
    const { sessions } = await booksOf(database);
    assert.deepEqual(Object.keys(sessions), [later]);
    const kept = await database.query<{ record: string }>(
      "SELECT record FROM attention WHERE code = 'chain_mismatch' ORDER BY seq",
    );
    assert.deepEqual(
      kept.map((row) => row.record),
      rotten.records,
    );
  });

  test('a damage in transit is refused once and healed by sending again', async () => {
    const { ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    journal.enters('w26:1', 1_000);
    const batch = journal.batch(1);
    await ingest.accept(journal.origin, {
      ...batch,
      records: batch.records.map((record) => record.replace('car', 'bus')),
    });
    assert.equal((await ingest.accept(journal.origin, batch)).mark?.seq, 2);
  });

  test('a new epoch of a gateway is another journal, whatever its numbers', async () => {
    const { database, ingest } = await openBooks(engine);
    const [old, reimaged] = [
      new TestJournal('gw-in', 'aaaaaaaaaaaaaaaa'),
      new TestJournal('gw-in', 'bbbbbbbbbbbbbbbb'),
    ];
    old.enters('w26:1', 1_000);
    reimaged.enters('w26:2', 2_000);
    await shipAll(ingest, old);
    await shipAll(ingest, reimaged);
    assert.equal(Object.keys((await booksOf(database)).sessions).length, 2);
  });

  test('one card at two gateways, named by two references, is seen as one: both stays are flagged', async () => {
    const { database, ingest } = await openBooks(engine);
    const [first, second] = [new TestJournal('gw-a'), new TestJournal('gw-b')];
    const [one, two] = [first.enters('w26:77', 1_000), second.enters('w26:77', 2_000)];
    await shipAll(ingest, first);
    await shipAll(ingest, second);
    const { sessions } = await booksOf(database);
    assert.deepEqual(sessions[one]?.flags, ['double_entry']);
    assert.deepEqual(sessions[two]?.flags, ['double_entry']);
  });

  test('voiding a stay does not take the flag from two others that do overlap, one of them long gone', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    const gone = journal.enters('w26:5', 0);
    const inside = journal.enters('w26:5', 50_000);
    journal.leaves(gone, 100_000);
    await shipAll(ingest, journal);
    const session = journal.add('entry_approved', journal.approval('w26:5'), { wall: 200_000 });
    await shipAll(ingest, journal);
    journal.add('entry_voided', { reason: 'back_out' }, { wall: 210_000, session });
    await shipAll(ingest, journal);
    const { sessions } = await booksOf(database);
    assert.deepEqual(
      [gone, inside, session].map((id) => sessions[id]?.flags),
      [['double_entry'], ['double_entry'], []],
    );
    assert.deepEqual(sessions, oracle([journal]));
  });

  test('a credential whose value comes late is still recognised: its stays are judged again', async () => {
    const { database, ingest } = await openBooks(engine);
    const [first, second] = [new TestJournal('gw-a'), new TestJournal('gw-b')];
    const [one, two] = [first.enters('w26:77', 1_000), second.enters('w26:77', 2_000, 'B1XY')];
    await shipAll(ingest, first);
    await ingest.accept(second.origin, { ...second.batch(1), subjects: [] });
    assert.deepEqual((await booksOf(database)).sessions[one]?.flags, []);
    second.add('arm_down', {});
    await ingest.accept(second.origin, { ...second.batch(3), subjects: second.subjects });
    const { sessions } = await booksOf(database);
    assert.deepEqual([sessions[one]?.flags, sessions[two]?.flags], [['double_entry'], ['double_entry']]);
    const [row] = await database.query<{ license_plate: string }>(
      'SELECT license_plate FROM parking_log WHERE session_id = ?',
      [two],
    );
    assert.equal(row?.license_plate, 'B1XY');
  });

  test('a subject that no column can hold does not stop its gateway', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    const session = journal.add('entry_approved', { ...journal.approval(`w26:${'9'.repeat(60_000)}`), card: null });
    assert.equal((await ingest.accept(journal.origin, journal.batch(1))).mark?.seq, 1);
    const codes = await database.query<{ code: string }>('SELECT code FROM attention');
    assert.deepEqual(
      codes.map(({ code }) => code),
      ['bad_subject'],
    );
    assert.ok((await booksOf(database)).sessions[session]?.entry);
  });

  test('what the books refuse is stored without them, a person is told, and what came with it is booked', async () => {
    const { database, ingest, reports } = await openBooks(engine);
    await database.execute('DROP TABLE payments');
    const journal = new TestJournal('gw-in');
    const [one, two] = [journal.enters('w26:1', 1_000), journal.enters('w26:2', 2_000, 'B2XY')];
    journal.leaves(one, 60_000);
    assert.equal((await ingest.accept(journal.origin, journal.batch(1))).mark?.seq, 7);
    assert.equal(reports.length, 1);
    const listed = await database.query<{ seq: number; code: string }>('SELECT seq, code FROM attention');
    assert.deepEqual(
      listed.map(({ seq, code }) => [seq, code]),
      [[5, 'not_folded']],
    );
    const rows = await database.query<{ session_id: string; status: string; license_plate: string | null }>(
      'SELECT session_id, status, license_plate FROM parking_log ORDER BY entry_time',
    );
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { session_id: one, status: 'closed', license_plate: null },
        { session_id: two, status: 'parked', license_plate: 'B2XY' },
      ],
    );
  });

  test('two references of one new value in one batch are one credential', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    const other = new TestJournal('gw-in', 'bbbbbbbbbbbbbbbb');
    const one = journal.enters('w26:77', 1_000);
    const approval = other.approval('w26:77');
    const two = journal.add('entry_approved', approval, { wall: 2_000 });
    const batch = journal.batch(1);
    await ingest.accept(journal.origin, { ...batch, subjects: [...batch.subjects, ...other.subjects] });
    const { sessions } = await booksOf(database);
    assert.deepEqual([sessions[one]?.flags, sessions[two]?.flags], [['double_entry'], ['double_entry']]);
  });

  test('a stamp that no date can hold is listed for attention and breaks no list of sessions', async () => {
    const { database, ingest } = await openBooks(engine);
    const [sound, mad] = [new TestJournal('gw-in'), new TestJournal('gw-in')];
    sound.add('entry_approved', sound.approval('w26:1'));
    const event = JSON.parse(sound.records[0] ?? '');
    for (const [index, change] of [{ offset: 1e17 }, { offset: -1e300 }, { wall: 9e15 }].entries()) {
      mad.raw(JSON.stringify({ ...event, seq: index + 1, at: { ...event.at, ...change } }));
    }
    const last = mad.add('entry_approved', mad.approval('w26:2'), { wall: 5_000 });
    await shipAll(ingest, mad);
    const listed = await database.query<{ code: string }>('SELECT code FROM attention');
    assert.deepEqual(
      listed.map(({ code }) => code),
      ['bad_header', 'bad_header', 'bad_header'],
    );
    const rows = await database.query<{ session_id: string; entry_time: number }>(
      'SELECT session_id, entry_time FROM parking_log',
    );
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ session_id: last, entry_time: 5_000 }],
    );
  });

  test('a fee beyond any whole number keeps its own event out of the books, and no other', async () => {
    const { database, ingest, reports } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    const session = journal.enters('w26:1', 1_000);
    journal.leaves(session, 60_000);
    const approved = JSON.parse(journal.records[3] ?? '');
    const line = { ...approved.data.quote.lines[0], amount: Number.MAX_SAFE_INTEGER };
    const dear = new TestJournal('gw-in');
    dear.subjects.push(...journal.subjects);
    for (const [index, record] of journal.records.entries()) {
      const data = { quote: { ...approved.data.quote, lines: [line, line] } };
      dear.raw(index === 3 ? JSON.stringify({ ...approved, data }) : record);
    }
    await shipAll(ingest, dear, 5, 64);
    const listed = await database.query<{ seq: number; code: string }>('SELECT seq, code FROM attention');
    assert.deepEqual(
      listed.map(({ seq, code }) => [seq, code]),
      [[4, 'not_folded']],
    );
    assert.equal((reports[0] as { code?: string }).code, 'bad_amount');
    const { sessions } = await booksOf(database);
    assert.ok(sessions[session]?.left);
  });

  test('bytes of any kind come back as they were sent', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    for (const raw of ['\u0000a\u0000', 'a\\b\'c"d?e', '\u{1F697} \uFFFF \r\n', '']) journal.raw(raw);
    await shipAll(ingest, journal);
    assert.deepEqual(
      (await booksOf(database)).records.map((row) => (row as { record: string }).record),
      journal.records,
    );
  });

  test('a payment key that another session has used is shown to a person, never booked twice', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    const [one, two] = [journal.enters('w26:1', 1_000), journal.enters('w26:2', 1_500)];
    journal.leaves(one, 60_000);
    const payment = JSON.parse(journal.records[4] ?? '').data;
    journal.add('payment_settled', payment, { wall: 70_000, session: two });
    await shipAll(ingest, journal);
    const { payments } = await booksOf(database);
    assert.equal(payments.length, 1);
    const [item] = await database.query<{ seq: number }>("SELECT seq FROM attention WHERE code = 'payment_key_reused'");
    assert.equal(item?.seq, 8);
  });

  test('a fault is an open alert until its lane clears it', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    journal.add('fault_raised', { fault: 'board_offline', detail: 'unplugged' }, { wall: 1_000 });
    journal.add('fault_raised', { fault: 'camera_offline', detail: '' }, { wall: 2_000 });
    journal.add('fault_cleared', { fault: 'board_offline' }, { wall: 3_000 });
    await shipAll(ingest, journal);
    const alerts = await database.query<object>(
      'SELECT fault, raised_at, cleared_at FROM system_alerts ORDER BY raised_at',
    );
    assert.deepEqual(
      alerts.map((alert) => ({ ...alert })),
      [
        { fault: 'board_offline', raised_at: 1_000, cleared_at: 3_000 },
        { fault: 'camera_offline', raised_at: 2_000, cleared_at: null },
      ],
    );
  });

  test('each durable batch is told once, after it is durable, with the sessions that changed', async () => {
    const { database, ingest } = await openBooks(engine);
    const commits: Commit[] = [];
    ingest.onCommit((commit) => commits.push(commit));
    const journal = new TestJournal('gw-in');
    const session = journal.enters('w26:1', 1_000, 'B1234XY');
    for (let time = 0; time < 3; time += 1) await ingest.accept(journal.origin, journal.batch(1));
    assert.equal(commits.length, 1);
    assert.deepEqual(
      commits[0]?.events.map(({ position, kind, plate }) => [position, kind, plate]),
      [
        [1, 'entry_approved', 'B1234XY'],
        [2, 'entry_passed', 'B1234XY'],
      ],
    );
    assert.equal(commits[0]?.sessions[0]?.session.id, session);
    assert.equal(commits[0]?.sessions[0]?.credential, 'w26:1');
    const [last] = await database.query<{ n: number }>('SELECT MAX(position) AS n FROM events');
    assert.equal(last?.n, 2);
  });

  test('a mark that moved under an ingest, and rows that are there already, are found out and not doubled', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    journal.enters('w26:1', 1_000);
    await shipAll(ingest, journal);
    const other = createIngest({ database, clock: machine.clock, sha256, report: failOn });
    journal.enters('w26:2', 2_000);
    await shipAll(other, journal);
    journal.enters('w26:3', 3_000);
    await ingest.accept(journal.origin, journal.batch(3));
    assert.deepEqual((await booksOf(database)).sessions, oracle([journal]));
    // The mark alone is lost: the events are compared, not stored twice.
    await database.execute('DELETE FROM marks');
    const third = createIngest({ database, clock: machine.clock, sha256, report: failOn });
    await shipAll(third, journal);
    const books = await booksOf(database);
    assert.deepEqual(books.sessions, oracle([journal]));
    assert.equal(books.records.length, 6);
  });
});
