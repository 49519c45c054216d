import { isAbsolute, resolve } from 'node:path';
import { CodedError } from '@palang/contract/errors';
import type { Database } from './database.js';
import { mysqlDatabase } from './mysql-database.js';
import type { Chance } from './retry.js';
import { sqliteDatabase } from './sqlite-database.js';

/**
 * Opens the database that `url` names: `mysql://user:password@host[:port]/database` (MariaDB too; `?socket=/path` for a local socket),
 * `sqlite:///absolute/path`, or a plain file path. A SQLite file is made when it is missing (its folder must exist); a server
 * is first contacted by the first statement.
 * @throws CodedError `bad_database_url` for any other scheme or a missing database name.
 */
export function connect(url: string, chance: Chance): Database {
  const scheme = /^([a-z][a-z0-9+]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return sqliteDatabase(resolve(url), chance);
  if (scheme === 'mysql' || scheme === 'mariadb') {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed === null || parsed.pathname.length < 2) throw bad(scheme);
    return mysqlDatabase(parsed, chance);
  }
  const path = scheme === 'sqlite' ? decodeURIComponent(url.replace(/^sqlite:(\/\/)?/i, '')) : '';
  if (path === '' || (url.includes('://') && !isAbsolute(path))) throw bad(scheme);
  return sqliteDatabase(resolve(path), chance);
}

/** The address itself may hold a password: it is not repeated. */
function bad(scheme: string): CodedError {
  return new CodedError(
    'bad_database_url',
    'Not a database address: mysql://user:password@host/database or sqlite:///path',
    {
      scheme,
    },
  );
}
