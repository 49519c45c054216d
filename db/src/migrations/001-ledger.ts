import type { Sql } from '../database.js';
import { createIndex, createTable, dropTables, types } from './ddl.js';
import type { Migration } from './migration.js';

/** The journals as received, the books folded from them, and the reference data that gateways have copies of. */
export const ledger: Migration = {
  name: '001-ledger',
  async up(sql) {
    await journals(sql);
    await books(sql);
    await reference(sql);
    await link(sql);
  },
  async down(sql) {
    await dropTables(sql, ['pairing_codes', 'hub_keys', 'gateways', 'photos']);
    await dropTables(sql, ['system_config', 'tariffs', 'parking_slots', 'vehicles', 'cards']);
    await dropTables(sql, ['system_alerts', 'payments', 'parking_log']);
    await dropTables(sql, ['attention', 'subjects', 'marks', 'events']);
  },
};

async function journals(sql: Sql): Promise<void> {
  const { name, text, long, integer } = types(sql.dialect);
  const event = [`origin ${name(32)} NOT NULL`, `epoch ${name(16)} NOT NULL`, `seq ${integer} NOT NULL`];
  await createTable(sql, 'events', [
    // The hub's own order, given by the ingest: rising without gaps, so that a reader's cursor skips nothing.
    `position ${integer} NOT NULL PRIMARY KEY`,
    ...event,
    `hash ${name(64)} NOT NULL`,
    `kind ${name(64)} NOT NULL`,
    `lane ${name(32)}`,
    `session_id ${name(72)}`,
    `received_at ${integer} NOT NULL`,
    // The exact bytes that the origin stored; the chain is computed over them.
    `record ${long} NOT NULL`,
    'CONSTRAINT events_name UNIQUE (origin, epoch, seq)',
  ]);
  await createIndex(sql, 'events_session', 'events', 'session_id, position');
  await createTable(sql, 'marks', [
    ...event,
    `hash ${name(64)} NOT NULL`,
    `updated_at ${integer} NOT NULL`,
    'PRIMARY KEY (origin, epoch)',
  ]);
  await createTable(sql, 'subjects', [
    `ref ${name(33)} NOT NULL PRIMARY KEY`,
    `kind ${name(16)} NOT NULL`,
    // Null once forgotten.
    `value ${text(200)}`,
    `canonical ${name(33)} NOT NULL`,
  ]);
  await createIndex(sql, 'subjects_value', 'subjects', 'kind, value');
  await createTable(sql, 'attention', [
    `code ${name(32)} NOT NULL`,
    ...event,
    `hash ${name(64)} NOT NULL`,
    // The bytes, where they could not go to the events.
    `record ${long}`,
    `detail ${long} NOT NULL`,
    `first_at ${integer} NOT NULL`,
    `last_at ${integer} NOT NULL`,
    `times ${integer} NOT NULL`,
    `resolved_at ${integer}`,
    'PRIMARY KEY (code, origin, epoch, seq, hash)',
  ]);
}

async function books(sql: Sql): Promise<void> {
  const { name, text, long, integer } = types(sql.dialect);
  await createTable(sql, 'parking_log', [
    `session_id ${name(72)} NOT NULL PRIMARY KEY`,
    `status ${name(16)} NOT NULL`,
    `inside ${integer} NOT NULL`,
    `card_id ${text(500)}`,
    `license_plate ${text(200)}`,
    // The canonical reference: the same for all references of one credential.
    `credential ${name(33)}`,
    `vehicle_class ${name(16)}`,
    `right_type ${name(16)}`,
    `entry_gate ${name(32)}`,
    `entry_time ${integer}`,
    `exit_gate ${name(32)}`,
    `exit_time ${integer}`,
    `fee ${integer}`,
    `paid ${integer} NOT NULL`,
    `flags ${text(200)} NOT NULL`,
    `facts ${long} NOT NULL`,
  ]);
  await createIndex(sql, 'parking_log_inside', 'parking_log', 'inside, entry_time');
  await createIndex(sql, 'parking_log_entry', 'parking_log', 'entry_time');
  await createIndex(sql, 'parking_log_credential', 'parking_log', 'credential, exit_time');
  await createIndex(sql, 'parking_log_plate', 'parking_log', 'license_plate, entry_time');
  await createTable(sql, 'payments', [
    `payment_key ${text(500)} NOT NULL PRIMARY KEY`,
    `session_id ${name(72)} NOT NULL`,
    `revision ${integer} NOT NULL`,
    `amount ${integer} NOT NULL`,
    `method ${name(16)} NOT NULL`,
    `reference ${text(500)} NOT NULL`,
    `masked ${text(500)}`,
    `gate ${name(32)}`,
    `paid_at ${integer} NOT NULL`,
  ]);
  await createIndex(sql, 'payments_session', 'payments', 'session_id');
  await createIndex(sql, 'payments_time', 'payments', 'paid_at');
  await createTable(sql, 'system_alerts', [
    // The event that raised it.
    `event_id ${name(72)} NOT NULL PRIMARY KEY`,
    `origin ${name(32)} NOT NULL`,
    `gate ${name(32)}`,
    `fault ${name(64)} NOT NULL`,
    `detail ${text(500)} NOT NULL`,
    `raised_at ${integer} NOT NULL`,
    `cleared_at ${integer}`,
  ]);
  await createIndex(sql, 'system_alerts_open', 'system_alerts', 'cleared_at, origin');
}

async function reference(sql: Sql): Promise<void> {
  const { name, text, long, integer } = types(sql.dialect);
  await createTable(sql, 'cards', [
    `card_id ${name(64)} NOT NULL PRIMARY KEY`,
    `credential ${name(80)} NOT NULL`,
    `right_type ${name(16)} NOT NULL`,
    `vehicle_class ${name(16)} NOT NULL`,
    `license_plate ${name(16)}`,
    `status ${name(16)} NOT NULL`,
    `valid_from ${integer}`,
    `valid_until ${integer}`,
    'CONSTRAINT cards_credential UNIQUE (credential)',
  ]);
  await createTable(sql, 'vehicles', [
    `license_plate ${name(16)} NOT NULL PRIMARY KEY`,
    `vehicle_class ${name(16)} NOT NULL`,
  ]);
  await createTable(sql, 'parking_slots', [
    `name ${text(64)} NOT NULL PRIMARY KEY`,
    // Null: for any class.
    `vehicle_class ${name(16)}`,
    `capacity ${integer} NOT NULL`,
  ]);
  await createTable(sql, 'tariffs', [
    `version ${name(64)} NOT NULL PRIMARY KEY`,
    `name ${text(200)} NOT NULL`,
    `effective_from ${integer} NOT NULL`,
    `body ${long} NOT NULL`,
  ]);
  await createTable(sql, 'system_config', [
    `name ${name(64)} NOT NULL PRIMARY KEY`,
    `value ${long} NOT NULL`,
    `updated_at ${integer} NOT NULL`,
  ]);
}

async function link(sql: Sql): Promise<void> {
  const { name, text, long, integer } = types(sql.dialect);
  await createTable(sql, 'photos', [
    `digest ${name(64)} NOT NULL PRIMARY KEY`,
    `bytes ${integer} NOT NULL`,
    `received_at ${integer} NOT NULL`,
  ]);
  await createTable(sql, 'gateways', [
    `name ${name(32)} NOT NULL PRIMARY KEY`,
    `public_key ${text(200)} NOT NULL`,
    // What its lanes are, as last said; null until it connects.
    `lanes ${long}`,
    `paired_at ${integer} NOT NULL`,
    `revoked_at ${integer}`,
  ]);
  await createTable(sql, 'hub_keys', [
    `name ${name(32)} NOT NULL PRIMARY KEY`,
    `private_key ${long} NOT NULL`,
    `public_key ${long} NOT NULL`,
    `created_at ${integer} NOT NULL`,
  ]);
  await createTable(sql, 'pairing_codes', [
    `code_hash ${name(64)} NOT NULL PRIMARY KEY`,
    `created_at ${integer} NOT NULL`,
    `expires_at ${integer} NOT NULL`,
    `used_by ${name(32)}`,
  ]);
}
