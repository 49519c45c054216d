import type { Clock } from '@palang/contract/clock';
import { Umzug } from 'umzug';
import type { Database } from './database.js';
import { createTable, types } from './migrations/ddl.js';
import { migrations } from './migrations/registry.js';

export interface Migrator {
  /** Brings the schema to the newest version; returns the names of the steps taken. */
  up(): Promise<string[]>;
  /** Takes back every step after `name`; all of them with 0. Returns the names, newest first. */
  down(name: string | 0): Promise<string[]>;
}

export function migrator(database: Database, clock: Clock): Migrator {
  const umzug = new Umzug({
    migrations: migrations.map(({ name, up, down }) => ({
      name,
      up: () => up(database),
      down: () => down(database),
    })),
    storage: {
      async logMigration({ name }) {
        await database.insert('migrations', ['name', 'applied_at'], [[name, clock.wall()]]);
      },
      async unlogMigration({ name }) {
        await database.execute('DELETE FROM migrations WHERE name = ?', [name]);
      },
      async executed() {
        const { name, integer } = types(database.dialect);
        await createTable(database, 'migrations', [
          `name ${name(64)} NOT NULL PRIMARY KEY`,
          `applied_at ${integer} NOT NULL`,
        ]);
        const rows = await database.query<{ name: string }>('SELECT name FROM migrations ORDER BY name');
        return rows.map((row) => row.name);
      },
    },
    logger: undefined,
  });
  const names = (steps: readonly { name: string }[]) => steps.map((step) => step.name);
  return {
    up: async () => names(await umzug.up()),
    async down(to) {
      if (to === 0) return names(await umzug.down({ to: 0 }));
      const later = (await umzug.executed()).map((step) => step.name).filter((name) => name > to);
      return later.length === 0 ? [] : names(await umzug.down({ migrations: later.reverse() }));
    },
  };
}
