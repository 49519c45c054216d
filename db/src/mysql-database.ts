import { CodedError, codeOf } from '@palang/contract/errors';
import mysql, { type Connection, type ResultSetHeader } from 'mysql2/promise';
import { Sequelize } from 'sequelize';
import type { Database, Sql, Value } from './database.js';
import { placeholders } from './database.js';
import { type Chance, retried, undo } from './retry.js';

const POOL = 10;
const CONNECT_TIMEOUT = 10_000;
/** Far below the server's max_allowed_packet with records of ours. */
const ROWS_PER_STATEMENT = 200;
/** Per connection. Inserts differ by their number of rows; the server's own limit is 16,382 for all its connections. */
const PREPARED_STATEMENTS = 200;

/** MySQL 8 or MariaDB 10.11 and later, by a `mysql://user:password@host:port/database` address. */
export function mysqlDatabase(url: URL, chance: Chance): Database {
  const pool = mysql.createPool({
    ...address(url),
    connectionLimit: POOL,
    connectTimeout: CONNECT_TIMEOUT,
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    maxPreparedStatements: PREPARED_STATEMENTS,
    // A matched row that already had the value still counts: compare-and-set asks "was it there", not "did it change".
    flags: ['FOUND_ROWS'],
  });
  pool.on('connection', (connection) => {
    // The first statement of each new connection; escaping and error behaviour must not depend on the server's configuration.
    connection.query(
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 5",
    );
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
  const plain = sqlOn(pool);
  const sequelize = new Sequelize({
    dialect: 'mysql',
    ...sequelizeAddress(url),
    logging: false,
    timezone: '+00:00',
    pool: { max: POOL, acquire: CONNECT_TIMEOUT },
  });
  return {
    ...plain,
    transaction: (work) => retried(chance, () => once(pool, work)),
    sequelize,
    async close() {
      await sequelize.close();
      await pool.end();
    },
  };
}

async function once<Result>(pool: mysql.Pool, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const connection = await pool.getConnection().catch(coded);
  let committing = false;
  try {
    await connection.query('START TRANSACTION').catch(coded);
    const result = await work(sqlOn(connection));
    committing = true;
    await connection.query('COMMIT').catch(coded);
    connection.release();
    return result;
  } catch (error) {
    if (codeOf(error) === 'database_lost') {
      connection.destroy();
      if (committing) throw new CodedError('outcome_unknown', 'The connection was lost during the commit');
      throw error;
    }
    return await undo(error, async () => {
      try {
        await connection.query('ROLLBACK');
        connection.release();
      } catch (second) {
        connection.destroy();
        throw second;
      }
    });
  }
}

type Queryable = Pick<Connection, 'query' | 'execute'>;

/**
 * The text protocol, where one round trip is one statement and `LIMIT ?` works on every server, but for inserts: escaping a JSON text quote by
 * quote costs more than all else that an event costs here, and a prepared statement sends it as it is.
 */
function sqlOn(connection: Queryable): Sql {
  const send = async (sql: string, values: readonly Value[] = []): Promise<unknown> =>
    (await connection.query(sql, [...values]).catch(coded))[0];
  return {
    dialect: 'mysql',
    query: async <Row>(sql: string, values?: readonly Value[]) => (await send(sql, values)) as Row[],
    execute: async (sql, values) => ((await send(sql, values)) as ResultSetHeader).affectedRows,
    async insert(table, columns, rows, suffix = '') {
      const row = `(${placeholders(columns.length)})`;
      for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
        const some = rows.slice(from, from + ROWS_PER_STATEMENT);
        const values = Array.from(some, () => row).join(', ');
        await connection
          .execute(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values} ${suffix}`, some.flat())
          .catch(coded);
      }
    },
  };
}

/** ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_CHECKREAD (MariaDB: the row changed since the snapshot). */
const BUSY = new Set([1205, 1213, 1020]);
/** Server shutdown, connection killed, Galera node not ready. */
const LOST = new Set([1053, 1047, 1927, 2006, 2013]);

/**
 * Disk full, error from the storage engine, out of memory (2), too many locks, table full, a server or table that only reads (3). See
 * https://mariadb.com/kb/en/mariadb-error-code-reference/.
 */
const STORAGE = new Set([1021, 1030, 1037, 1041, 1206, 1114, 1036, 1290, 1792]);

function coded(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  const { errno, code, fatal } = error as { errno?: number; code?: string; fatal?: boolean };
  const detail = { errno, code };
  if (errno === 1062) throw new CodedError('duplicate_key', error.message, detail);
  if (errno !== undefined && BUSY.has(errno)) throw new CodedError('database_busy', error.message, detail);
  if (fatal === true || code === 'ECONNREFUSED' || code === 'EPIPE' || (errno !== undefined && LOST.has(errno))) {
    throw new CodedError('database_lost', error.message, detail);
  }
  if (errno !== undefined && STORAGE.has(errno)) throw new CodedError('database_storage', error.message, detail);
  throw new CodedError('database_error', error.message, detail);
}

function address(url: URL) {
  const socketPath = url.searchParams.get('socket');
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(socketPath === null ? { host: url.hostname, port: url.port === '' ? 3306 : Number(url.port) } : { socketPath }),
  };
}

function sequelizeAddress(url: URL) {
  const { user, password, database, ...where } = address(url);
  const always = { username: user, password, database };
  const dialectOptions = { charset: 'utf8mb4', supportBigNumbers: true };
  return 'socketPath' in where
    ? { ...always, dialectOptions: { ...dialectOptions, socketPath: where.socketPath } }
    : { ...always, dialectOptions, host: where.host, port: where.port };
}
