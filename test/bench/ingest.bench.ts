import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@palang/db/connect';
import type { Database, Sql } from '@palang/db/database';
import { migrator } from '@palang/db/migrate';
import { machine } from '@palang/db/testing/engines';
import { startMariaDb } from '@palang/db/testing/mariadb';
import { rawDriver, type Statement } from '@palang/db/testing/rawDriver';
import { createIngest } from '@palang/hub/link/ingest';
import { sha256 } from '@palang/hub/link/keys';
import { TestJournal } from '@palang/hub/link/testing/journal';
import { percentile, type Row, report } from './report.js';

/** Durable ingest of a backlog beside the bare driver that writes the very same rows in the very same transactions. */
const CARS = 800;
const ROUNDS = 3;

/** Cars in and out with the events of a real passage, as one gateway with two lanes would ship them. */
function backlog(cars: number): TestJournal {
  const journal = new TestJournal('gw-bench');
  for (let car = 0; car < cars; car += 1) {
    const wall = 1_700_000_000_000 + car * 90_000;
    const session = journal.enters(`w26:${car % 400}`, wall, `B${car}XY`);
    const opening = { board_boot: 1, board_sequence: car };
    journal.add('opening_commanded', { cause: 'entry', ...opening }, { wall, session });
    journal.add('arm_up', {}, { wall });
    journal.add(
      'photo_taken',
      { digest: sha256(`${car}`) as never, bytes: 30_000, purpose: 'entry' },
      { wall, session },
    );
    journal.add('arm_down', {}, { wall });
    journal.leaves(session, wall + 60_000);
    journal.add('opening_commanded', { cause: 'exit', ...opening }, { wall: wall + 60_000, session, lane: 'gate_out' });
    journal.add('arm_opened', { openings: car, expected: true, by: 1 }, { wall: wall + 60_000, lane: 'gate_out' });
    journal.add('arm_down', {}, { wall: wall + 64_000, lane: 'gate_out' });
  }
  return journal;
}

/** Notes the statements that change something, transaction by transaction. */
function recording(database: Database, transactions: Statement[][]): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (sql) => {
        const written: Statement[] = [];
        const watched: Sql = {
          ...sql,
          execute(text, values = []) {
            written.push({ sql: text, values, rows: null, suffix: '' });
            return sql.execute(text, values);
          },
          insert(table, columns, rows, suffix = '') {
            const text = `INSERT INTO ${table} (${columns.join(', ')})`;
            if (rows.length > 0) written.push({ sql: text, values: [], rows, suffix });
            return sql.insert(table, columns, rows, suffix);
          },
        };
        const result = await work(watched);
        transactions.push(written);
        return result;
      }),
  };
}

async function fresh(url: string): Promise<Database> {
  const database = connect(url, machine);
  await migrator(database, machine.clock).up();
  return database;
}

async function ingestAll(database: Database, journal: TestJournal, size: number): Promise<number> {
  const ingest = createIngest({
    database,
    clock: machine.clock,
    sha256,
    report(error) {
      throw error;
    },
  });
  const batches = [];
  for (let from = 1; from <= journal.records.length; from += size) {
    batches.push(journal.batch(from, Math.min(from + size - 1, journal.records.length)));
  }
  const start = performance.now();
  // Two in flight, as a gateway ships.
  let before: Promise<unknown> = Promise.resolve();
  for (const batch of batches) {
    const accepted = ingest.accept(journal.origin, batch);
    await before;
    before = accepted;
  }
  await before;
  return performance.now() - start;
}

async function measure(engine: string, address: () => Promise<string>, size: number, cars: number): Promise<Row> {
  const journal = backlog(cars);
  const transactions: Statement[][] = [];
  const first = await fresh(await address());
  await ingestAll(recording(first, transactions), journal, size);
  await first.close();
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const database = await fresh(await address());
    ours.push(journal.records.length / ((await ingestAll(database, journal, size)) / 1_000));
    await database.close();
    const url = await address();
    await (await fresh(url)).close();
    const driver = await rawDriver(url);
    const start = performance.now();
    for (const statements of transactions) await driver.write(statements);
    bare.push(journal.records.length / ((performance.now() - start) / 1_000));
    await driver.close();
  }
  return {
    what: `durable ingest, ${engine}, ${size === 1 ? 'single events' : `batches of ${size}`}`,
    unit: 'events/s',
    value: percentile(ours, 0.5),
    reference: percentile(bare, 0.5),
    against: 'bare driver, same rows',
    ratio: percentile(
      ours.map((value, round) => value / (bare[round] ?? Number.NaN)),
      0.5,
    ),
    aim: '>= 0.75',
  };
}

const folder = await mkdtemp(join(tmpdir(), 'palang-bench-'));
const mariadb = await startMariaDb();
try {
  let files = 0;
  const sqlite = async () => {
    files += 1;
    return `sqlite://${join(folder, `${files}.db`)}`;
  };
  const rows: Row[] = [];
  for (const [size, cars] of [
    [64, CARS],
    [1, CARS / 10],
  ] as const) {
    rows.push(await measure('SQLite', sqlite, size, cars));
    rows.push(await measure('MariaDB', () => mariadb.createDatabase(), size, cars));
  }
  report('ingest', rows);
} finally {
  await mariadb.stop();
  await rm(folder, { recursive: true, force: true });
}
