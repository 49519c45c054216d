import type { SubjectRef } from '@palang/contract/ids';
import type { Subject } from '@palang/contract/link/envelope';
import { placeholders, type Sql } from '@palang/db/database';
import { Bounded } from './bounded.js';

/** Longer values are no plate and no credential. */
const LONGEST = 200;
const REMEMBERED = 20_000;

interface Known {
  readonly ref: SubjectRef;
  /** `missing`: named by an event, but its value never came. */
  readonly kind: Subject['kind'] | 'missing';
  /** Null when missing or forgotten. */
  readonly value: string | null;
  /** The first reference of the same value: one name per credential, whoever named it. */
  readonly canonical: SubjectRef;
}

export interface Learned {
  /** References that events had named before their value came: what rests on them must be looked at again. */
  readonly late: readonly SubjectRef[];
  /** Of values that nobody had named before: nothing that is stored can rest on them. */
  readonly unheard: ReadonlySet<SubjectRef>;
  /** Refused: too long, or another value than before. */
  readonly refused: readonly { readonly ref: SubjectRef; readonly code: 'bad_subject' | 'subject_conflict' }[];
}

/** What stands behind references. Its memory is only valid while this process is the one writer; forget it after any failed transaction. */
export class Subjects {
  readonly #byRef = new Bounded<SubjectRef, Known>(REMEMBERED);
  readonly #canonicals = new Bounded<string, SubjectRef>(REMEMBERED);

  forgetMemory(): void {
    this.#byRef.clear();
    this.#canonicals.clear();
  }

  canonical(ref: SubjectRef): SubjectRef {
    return this.#byRef.get(ref)?.canonical ?? ref;
  }

  value(ref: SubjectRef | null): string | null {
    return ref === null ? null : (this.#byRef.get(ref)?.value ?? null);
  }

  isKnown(ref: SubjectRef): boolean {
    return this.#byRef.get(ref) !== undefined;
  }

  /** Brings references into memory, where `canonical` and `value` find them. */
  async load(sql: Sql, refs: Iterable<SubjectRef>): Promise<void> {
    const unknown = [...new Set(refs)].filter((ref) => this.#byRef.get(ref) === undefined);
    if (unknown.length === 0) return;
    const rows = await sql.query<Known>(
      `SELECT ref, kind, value, canonical FROM subjects WHERE ref IN (${placeholders(unknown.length)})`,
      unknown,
    );
    for (const row of rows) this.#byRef.set(row.ref, row);
  }

  /** Stores new subjects. A forgotten one stays forgotten. */
  async learn(sql: Sql, subjects: readonly Subject[]): Promise<Learned> {
    const late: SubjectRef[] = [];
    const refused: { ref: SubjectRef; code: 'bad_subject' | 'subject_conflict' }[] = [];
    await this.#lookUp(
      sql,
      subjects.filter((subject) => subject.value.length <= LONGEST),
    );
    const fresh = new Map<SubjectRef, Subject>();
    for (const subject of subjects) {
      const known = this.#byRef.get(subject.ref) ?? fresh.get(subject.ref);
      if (subject.value.length > LONGEST) refused.push({ ref: subject.ref, code: 'bad_subject' });
      else if (known === undefined) fresh.set(subject.ref, subject);
      else if (known.kind === 'missing') {
        late.push(subject.ref);
        fresh.set(subject.ref, subject);
      } else if (known.value !== null && (known.value !== subject.value || known.kind !== subject.kind)) {
        refused.push({ ref: subject.ref, code: 'subject_conflict' });
      }
    }
    const unheard = new Set<SubjectRef>();
    if (fresh.size === 0) return { late, unheard, refused };
    const rows: Known[] = [];
    for (const { ref, kind, value } of fresh.values()) {
      const key = keyOf(kind, value);
      const canonical = this.#canonicals.get(key) ?? ref;
      this.#canonicals.set(key, canonical);
      if (canonical === ref && !late.includes(ref)) unheard.add(ref);
      rows.push({ ref, kind, value, canonical });
    }
    if (late.length > 0) await sql.execute(`DELETE FROM subjects WHERE ref IN (${placeholders(late.length)})`, late);
    await this.#store(sql, rows);
    return { late, unheard, refused };
  }

  /** Notes references whose value nobody has sent, so that it is noticed when it comes. */
  async miss(sql: Sql, refs: readonly SubjectRef[]): Promise<void> {
    await this.#store(
      sql,
      refs.map((ref) => ({ ref, kind: 'missing' as const, value: null, canonical: ref })),
    );
  }

  async #store(sql: Sql, rows: readonly Known[]): Promise<void> {
    if (rows.length === 0) return;
    await sql.insert(
      'subjects',
      ['ref', 'kind', 'value', 'canonical'],
      rows.map((row) => [row.ref, row.kind, row.value, row.canonical]),
    );
    for (const row of rows) this.#byRef.set(row.ref, row);
  }

  /** Brings subjects into memory that are known by their reference or by their value, in one question. */
  async #lookUp(sql: Sql, subjects: readonly Subject[]): Promise<void> {
    const unknown = subjects.filter((subject) => this.#byRef.get(subject.ref) === undefined);
    if (unknown.length === 0) return;
    const conditions = [`ref IN (${placeholders(unknown.length)})`];
    const values: string[] = unknown.map((subject) => subject.ref);
    for (const kind of ['credential', 'plate'] as const) {
      const named = unknown.filter((subject) => subject.kind === kind).map((subject) => subject.value);
      if (named.length === 0) continue;
      conditions.push(`(kind = ? AND value IN (${placeholders(named.length)}))`);
      values.push(kind, ...named);
    }
    const rows = await sql.query<Known>(
      `SELECT ref, kind, value, canonical FROM subjects WHERE ${conditions.join(' OR ')}`,
      values,
    );
    for (const row of rows) {
      this.#byRef.set(row.ref, row);
      if (row.value !== null) this.#canonicals.set(keyOf(row.kind, row.value), row.canonical);
    }
  }
}

function keyOf(kind: string, value: string): string {
  return `${kind}\n${value}`;
}
