import { createIndex, createTable, dropTables, types } from './ddl.js';
import type { Migration } from './migration.js';

/** Who may do what at the hub, and the log of who did. */
export const access: Migration = {
  name: '002-access',
  async up(sql) {
    const { name, text, long, integer } = types(sql.dialect);
    await createTable(sql, 'users', [
      `id ${name(32)} NOT NULL PRIMARY KEY`,
      `name ${text(64)} NOT NULL`,
      // Folded to one form, so that Admin and admin are one user.
      `name_key ${text(128)} NOT NULL`,
      `role ${name(16)} NOT NULL`,
      `password_hash ${name(200)} NOT NULL`,
      `created_at ${integer} NOT NULL`,
      `disabled_at ${integer}`,
      'CONSTRAINT users_name UNIQUE (name_key)',
    ]);
    await createTable(sql, 'web_sessions', [
      // sha256 of the token: what is stored here opens nothing.
      `token_hash ${name(64)} NOT NULL PRIMARY KEY`,
      `user_id ${name(32)} NOT NULL`,
      `created_at ${integer} NOT NULL`,
      `seen_at ${integer} NOT NULL`,
      `expires_at ${integer} NOT NULL`,
      `ip ${text(64)} NOT NULL`,
      `agent ${text(200)} NOT NULL`,
    ]);
    await createIndex(sql, 'web_sessions_user', 'web_sessions', 'user_id');
    await createIndex(sql, 'web_sessions_expiry', 'web_sessions', 'expires_at');
    await createTable(sql, 'api_keys', [
      `id ${name(32)} NOT NULL PRIMARY KEY`,
      `name ${text(64)} NOT NULL`,
      `key_hash ${name(64)} NOT NULL`,
      `permissions ${long} NOT NULL`,
      `created_at ${integer} NOT NULL`,
      `revoked_at ${integer}`,
      'CONSTRAINT api_keys_hash UNIQUE (key_hash)',
    ]);
    await createTable(sql, 'audit_log', [
      // 1, 2, 3 ... without a gap; `hash` covers the row and the hash before it.
      `seq ${integer} NOT NULL PRIMARY KEY`,
      `at ${integer} NOT NULL`,
      `actor ${text(200)} NOT NULL`,
      `action ${text(64)} NOT NULL`,
      `target ${text(200)} NOT NULL`,
      `reason ${text(500)} NOT NULL`,
      `outcome ${text(64)} NOT NULL`,
      `request_id ${text(64)} NOT NULL`,
      `hash ${name(64)} NOT NULL`,
    ]);
  },
  async down(sql) {
    await dropTables(sql, ['audit_log', 'api_keys', 'web_sessions', 'users']);
  },
};
