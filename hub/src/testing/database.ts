import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect } from '@palang/db/connect';
import type { Database } from '@palang/db/database';
import { migrator } from '@palang/db/migrate';
import { systemClock, systemRandom } from '../adapters/systemClock.js';

/** A new SQLite database with the current schema, gone after the test. */
export async function testDatabase(context: TestContext): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'palang-hub-'));
  const database = connect(join(folder, 'hub.sqlite'), { clock: systemClock, random: systemRandom });
  context.after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  await migrator(database, systemClock).up();
  return database;
}
