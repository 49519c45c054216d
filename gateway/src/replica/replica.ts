import type { Clock } from '@palang/contract/clock';
import type { CredentialValue } from '@palang/contract/credential';
import { CodedError } from '@palang/contract/errors';
import { correctedWall } from '@palang/contract/instant';
import {
  type ApiKey,
  type Card,
  type OpenSession,
  type ReplicaChange,
  type ReplicaTable,
  replicaTables,
  type Settings,
} from '@palang/contract/link/replica';
import type { Tariff } from '@palang/contract/tariff/tariff';
import type { Replica } from '../ports/replica.js';
import type { ReplicaFile, StoredRow } from './file.js';
import type { OwnDecisions } from './own.js';

export interface ReplicaDependencies {
  readonly clock: Clock;
  readonly file: ReplicaFile;
  readonly own: OwnDecisions;
  /** The last seq that the journal has given out. */
  lastSeq(): number;
  warn(message: string, detail: Record<string, unknown>): void;
}

export interface ReplicaUpdate {
  readonly from: string | null;
  readonly to: string;
  readonly changes: readonly ReplicaChange[];
}

type Rows = { [T in ReplicaTable]: Map<string, unknown> };

/** The hub's reference data in memory, with its file, and this gateway's own decisions laid over it. */
export class StoredReplica implements Replica {
  readonly #deps: ReplicaDependencies;
  /** The hub's rows, by table and key. */
  #rows: Rows = emptyRows();
  readonly #cardByCredential = new Map<string, Card>();
  readonly #cardByLabel = new Map<string, Card>();
  readonly #keyByHash = new Map<string, ApiKey>();
  /** Sessions as they count here: the hub's, with the own decisions over them. */
  readonly #sessions = new Map<string, OpenSession>();
  readonly #sessionsByCredential = new Map<string, Set<string>>();
  #version: string | null = null;
  #fileComplete = true;

  constructor(dependencies: ReplicaDependencies) {
    this.#deps = dependencies;
  }

  open(): void {
    const { version, rows, setAside } = this.#deps.file.open();
    if (setAside !== null) this.#deps.warn('The replica could not be read and begins empty', { setAside });
    const bad = rows.filter((row) => !this.#restore(row)).length;
    // Such a row would be missing until it changes at the hub: no version asks for everything anew.
    this.#version = bad === 0 ? version : null;
    for (const id of this.#deps.own.load()) this.#refresh(id);
  }

  close(): void {
    this.#deps.file.close();
  }

  get version(): string | null {
    return this.#version;
  }

  /**
   * Takes over a snapshot or a delta. @returns how many rows did not fit their schema and were left out.
   * @throws CodedError `replica_gap` when the delta does not follow the version that is here.
   */
  apply(update: ReplicaUpdate): number {
    if (update.from !== null && update.from !== this.#version) {
      throw new CodedError('replica_gap', 'Not the version that is here', { here: this.#version, from: update.from });
    }
    const before = new Set(update.from === null ? [...this.#rows.sessions.keys(), ...this.#sessions.keys()] : []);
    if (update.from === null) this.#clear();
    let skipped = 0;
    const good = update.changes.filter((change) => {
      const fits = this.#put(change);
      if (!fits) skipped += 1;
      return fits;
    });
    for (const id of before) this.#refresh(id);
    this.#version = update.to;
    this.#store(good, update.from === null);
    return skipped;
  }

  acknowledged(seq: number): void {
    for (const id of this.#deps.own.acknowledged(seq, this.#deps.clock.monotonic())) this.#refresh(id);
  }

  disconnected(): void {
    this.#deps.own.disconnected();
  }

  settings(): Settings | null {
    return (this.#rows.settings.get('site') as Settings | undefined) ?? null;
  }

  tariffs(): Iterable<Tariff> {
    return this.#rows.tariffs.values() as Iterable<Tariff>;
  }

  cardOf(credential: CredentialValue): Card | undefined {
    return this.#cardByCredential.get(credential);
  }

  cardByLabel(label: string): Card | undefined {
    return this.#cardByLabel.get(label);
  }

  /** Of several open sessions of one credential the one that began last. */
  sessionOf(credential: CredentialValue): OpenSession | undefined {
    let latest: OpenSession | undefined;
    for (const id of this.#sessionsByCredential.get(credential) ?? []) {
      const session = this.#sessions.get(id);
      if (session === undefined) continue;
      if (latest === undefined || correctedWall(session.entered) > correctedWall(latest.entered)) latest = session;
    }
    return latest;
  }

  sessionById(id: string): OpenSession | undefined {
    return this.#sessions.get(id);
  }

  occupied(): number {
    return this.#sessions.size;
  }

  apiKeyByHash(hash: string): ApiKey | undefined {
    return this.#keyByHash.get(hash);
  }

  opened(session: OpenSession): void {
    this.#decide(session.id, session);
  }

  changed(session: OpenSession): void {
    this.#decide(session.id, session);
  }

  gone(id: string): void {
    this.#decide(id, null);
  }

  #decide(id: string, session: OpenSession | null): void {
    this.#deps.own.decide(id, session, this.#deps.lastSeq());
    this.#refresh(id);
  }

  /** False when it is no row that this software knows: damaged, or written by another version. */
  #restore({ table, key, value }: StoredRow): boolean {
    if (!Object.hasOwn(replicaTables, table)) return false;
    try {
      return this.#put({ table: table as ReplicaTable, key, value: JSON.parse(value) });
    } catch {
      this.#deps.warn('A row of the replica is damaged', { table, key });
      return false;
    }
  }

  /** False when the row does not fit its schema. */
  #put(change: { table: ReplicaTable; key: string; value: unknown }): boolean {
    const parsed = change.value === null ? null : replicaTables[change.table].safeParse(change.value);
    if (parsed !== null && !parsed.success) {
      this.#deps.warn('A row of the replica does not fit and is left out', { table: change.table, key: change.key });
      return false;
    }
    const rows = this.#rows[change.table];
    this.#unindex(change.table, rows.get(change.key));
    if (parsed === null) rows.delete(change.key);
    else rows.set(change.key, parsed.data);
    this.#index(change.table, parsed?.data);
    if (change.table === 'sessions') {
      this.#deps.own.heard(change.key, (parsed?.data as OpenSession | undefined) ?? null);
      this.#refresh(change.key);
    }
    return true;
  }

  #index(table: ReplicaTable, row: unknown): void {
    if (row === undefined) return;
    if (table === 'cards') {
      const card = row as Card;
      this.#cardByCredential.set(card.credential, card);
      this.#cardByLabel.set(card.label, card);
    }
    if (table === 'api_keys') this.#keyByHash.set((row as ApiKey).hash, row as ApiKey);
  }

  #unindex(table: ReplicaTable, row: unknown): void {
    if (row === undefined) return;
    if (table === 'cards') {
      const card = row as Card;
      if (this.#cardByCredential.get(card.credential) === card) this.#cardByCredential.delete(card.credential);
      if (this.#cardByLabel.get(card.label) === card) this.#cardByLabel.delete(card.label);
    }
    if (table === 'api_keys') this.#keyByHash.delete((row as ApiKey).hash);
  }

  /** Brings one session's effective state and index up to date. */
  #refresh(id: string): void {
    const known = this.#sessions.get(id);
    if (known?.credential) this.#sessionsByCredential.get(known.credential)?.delete(id);
    const own = this.#deps.own.get(id);
    const now = own === undefined ? (this.#rows.sessions.get(id) as OpenSession | undefined) : own.session;
    if (now === undefined || now === null) {
      this.#sessions.delete(id);
      if (known?.credential && this.#sessionsByCredential.get(known.credential)?.size === 0) {
        this.#sessionsByCredential.delete(known.credential);
      }
      return;
    }
    this.#sessions.set(id, now);
    if (now.credential === null) return;
    const ids = this.#sessionsByCredential.get(now.credential) ?? new Set();
    this.#sessionsByCredential.set(now.credential, ids.add(id));
  }

  #clear(): void {
    this.#rows = emptyRows();
    this.#cardByCredential.clear();
    this.#cardByLabel.clear();
    this.#keyByHash.clear();
  }

  /** After a failure the file no longer follows the memory, so the next success writes everything. */
  #store(changes: readonly ReplicaChange[], everything: boolean): void {
    const version = this.#version ?? '';
    try {
      const whole = everything || !this.#fileComplete;
      const rows = whole ? this.#everyRow() : changes;
      this.#deps.file.store(
        version,
        rows.map(({ table, key, value }) => ({ table, key, value: value === null ? null : JSON.stringify(value) })),
        whole,
      );
      this.#fileComplete = true;
    } catch (error) {
      this.#fileComplete = false;
      this.#deps.warn('The replica is not on the disk', { error: String(error) });
    }
  }

  #everyRow(): { table: string; key: string; value: unknown }[] {
    return Object.entries(this.#rows).flatMap(([table, rows]) =>
      [...rows].map(([key, value]) => ({ table, key, value })),
    );
  }
}

function emptyRows(): Rows {
  return { cards: new Map(), sessions: new Map(), tariffs: new Map(), settings: new Map(), api_keys: new Map() };
}
