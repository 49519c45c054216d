import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { connect } from '../connect.js';
import type { Database } from '../database.js';
import type { Chance } from '../retry.js';
import { type MariaDb, startMariaDb } from './mariadb.js';

/** The machine's clock and random numbers, for tests against real engines. */
export const machine: Chance = {
  clock: {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    after(delay, action) {
      const timer = setTimeout(action, delay);
      return () => clearTimeout(timer);
    },
  },
  random: { hex: (size) => randomBytes(size).toString('hex'), unit: () => randomBytes(4).readUInt32BE() / 2 ** 32 },
};

export interface Engine {
  readonly name: 'SQLite' | 'MariaDB';
  /** A new empty database's address. */
  address(): Promise<string>;
  /** A new empty database, closed after the suite. */
  open(): Promise<Database>;
  /** Present while the suite on MariaDB runs. */
  readonly mariadb: MariaDb | null;
}

/** Declares the same suite on SQLite and on MariaDB. */
export function onEachEngine(declare: (engine: Engine) => void): void {
  for (const name of ['SQLite', 'MariaDB'] as const) {
    describe(`on ${name}`, () => {
      let mariadb: MariaDb | null = null;
      let folder = '';
      let files = 0;
      const opened: Database[] = [];
      const address = async (): Promise<string> => {
        if (mariadb !== null) return mariadb.createDatabase();
        files += 1;
        return `sqlite://${join(folder, `${files}.db`)}`;
      };
      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'palang-db-'));
        if (name === 'MariaDB') mariadb = await startMariaDb();
      });
      after(async () => {
        for (const database of opened) await database.close();
        await mariadb?.stop();
        await rm(folder, { recursive: true, force: true });
      });
      declare({
        name,
        address,
        async open() {
          const database = connect(await address(), machine);
          opened.push(database);
          return database;
        },
        get mariadb() {
          return mariadb;
        },
      });
    });
  }
}
