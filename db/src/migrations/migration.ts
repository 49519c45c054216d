import type { Sql } from '../database.js';

/**
 * One step of the schema. `up` only adds; both directions can be run again after having been cut off. Raw SQL only: Sequelize's removeColumn,
 * changeColumn and renameColumn rebuild the table on SQLite and lose child rows, defaults and indexes on the way.
 */
export interface Migration {
  /** Sorts after every earlier one; never changed once released. */
  readonly name: string;
  up(sql: Sql): Promise<void>;
  down(sql: Sql): Promise<void>;
}
