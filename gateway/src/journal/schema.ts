/** The journal's tables. Plain SQL: there is no second engine for this file. */
export const FORMAT = 1;

export const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE records (seq INTEGER PRIMARY KEY, text TEXT NOT NULL, hash TEXT NOT NULL, wall INTEGER NOT NULL) STRICT;
  CREATE TABLE subjects (ref TEXT PRIMARY KEY, kind TEXT NOT NULL, value TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE lanes (lane TEXT PRIMARY KEY, state TEXT, stream INTEGER, sequence INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
`;
