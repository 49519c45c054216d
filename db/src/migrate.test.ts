import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from './database.js';
import { migrator } from './migrate.js';
import { migrations } from './migrations/registry.js';
import { seed } from './seeds.js';
import { machine, onEachEngine } from './testing/engines.js';

async function tables(database: Database): Promise<string[]> {
  const rows =
    database.dialect === 'mysql'
      ? await database.query<{ name: string }>(
          'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
        )
      : await database.query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
  return rows
    .map((row) => row.name)
    .filter((name) => name !== 'migrations')
    .sort();
}

async function schema(database: Database): Promise<unknown[]> {
  if (database.dialect === 'sqlite') {
    return database.query(
      "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name <> 'migrations' ORDER BY name",
    );
  }
  const created: unknown[] = [];
  for (const name of await tables(database)) created.push(...(await database.query(`SHOW CREATE TABLE ${name}`)));
  return created;
}

async function counts(database: Database): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const name of await tables(database)) {
    const [row] = await database.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${name}`);
    found[name] = row?.n ?? -1;
  }
  return found;
}

/** One row in every table, whatever its columns: text where text goes, else a number. */
async function populate(database: Database): Promise<void> {
  for (const table of await tables(database)) {
    const columns =
      database.dialect === 'mysql'
        ? await database.query<{ name: string; type: string }>(
            'SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
            [table],
          )
        : await database.query<{ name: string; type: string }>(`SELECT name, type FROM pragma_table_info('${table}')`);
    await database.insert(
      table,
      columns.map((column) => column.name),
      [columns.map((column) => (/int/i.test(column.type) ? 7 : 'x'))],
    );
  }
}

onEachEngine((engine) => {
  test('up makes the tables that the original design named, and ours', async () => {
    const database = await engine.open();
    const taken = await migrator(database, machine.clock).up();
    assert.deepEqual(
      taken,
      migrations.map(({ name }) => name),
    );
    const there = await tables(database);
    for (const name of [
      'cards',
      'vehicles',
      'parking_slots',
      'parking_log',
      'payments',
      'system_alerts',
      'system_config',
      'events',
    ]) {
      assert.ok(there.includes(name), name);
    }
  });

  test('a second up, also after a first one that was cut off unrecorded, takes nothing from a populated database', async () => {
    const database = await engine.open();
    const steps = migrator(database, machine.clock);
    await steps.up();
    await populate(database);
    const [before, shape] = [await counts(database), await schema(database)];
    assert.deepEqual(await steps.up(), []);
    await database.execute('DELETE FROM migrations');
    await steps.up();
    assert.deepEqual(await counts(database), before);
    assert.deepEqual(await schema(database), shape);
    assert.ok(Object.values(before).every((rows) => rows === 1));
  });

  test('each step can be taken back from a populated database and up again gives the same schema', async () => {
    const database = await engine.open();
    const steps = migrator(database, machine.clock);
    await steps.up();
    const shape = await schema(database);
    await populate(database);
    const kept = await counts(database);
    for (const [index, step] of [...migrations.entries()].reverse()) {
      const before = migrations[index - 1]?.name ?? 0;
      assert.deepEqual(await steps.down(before), [step.name]);
      // Steps that remain have kept their rows.
      for (const [table, rows] of Object.entries(await counts(database))) assert.equal(rows, kept[table], table);
    }
    assert.deepEqual(await tables(database), []);
    await steps.up();
    assert.deepEqual(await schema(database), shape);
  });

  test('seeds fill an empty site once and leave a site that has its own alone', async () => {
    const database = await engine.open();
    await migrator(database, machine.clock).up();
    await seed(database, machine.clock, { admitUnknown: true });
    await database.execute("UPDATE parking_slots SET capacity = 3 WHERE name = 'main'");
    await seed(database, machine.clock);
    const [place] = await database.query<{ capacity: number }>('SELECT capacity FROM parking_slots');
    assert.equal(place?.capacity, 3);
    const [site] = await database.query<{ value: string }>('SELECT value FROM system_config');
    assert.equal(JSON.parse(site?.value ?? '').admit_unknown, true);
    const tariffs = await database.query<{ version: string }>('SELECT version FROM tariffs');
    assert.deepEqual(
      tariffs.map((tariff) => tariff.version),
      ['demo-1'],
    );
  });
});
