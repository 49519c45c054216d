import { OpenSession } from '@palang/contract/link/replica';
import * as z from 'zod/mini';
import type { Notes } from '../ports/notes.js';

/** A decision of this gateway about a session: its state since, or null when the vehicle has gone. */
const OwnDecision = z.object({ session: z.nullable(OpenSession), seq: z.int() });

interface Own {
  readonly session: OpenSession | null;
  /** The journal had reached this seq when it was decided. */
  readonly seq: number;
  /** Clock.monotonic() when the hub was first known to have that record on this connection. */
  acknowledgedAt: number | null;
}

const PREFIX = 'own:';

/** How long after the acknowledgement the hub's data is given to say the same, ms; then the hub is right whatever it says. */
const SETTLE = 30_000;

/**
 * What this gateway has decided and the hub's data does not show yet. Kept beside the journal's records, in the same transaction, so that a power cut
 * takes neither without the other.
 */
export class OwnDecisions {
  readonly #notes: Notes;
  readonly #decisions = new Map<string, Own>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** @returns the ids of what was found. */
  load(): string[] {
    for (const [key, value] of this.#notes.entries(PREFIX)) {
      const parsed = OwnDecision.safeParse(JSON.parse(value));
      if (parsed.success) this.#decisions.set(key.slice(PREFIX.length), { ...parsed.data, acknowledgedAt: null });
    }
    return [...this.#decisions.keys()];
  }

  get(id: string): { readonly session: OpenSession | null } | undefined {
    return this.#decisions.get(id);
  }

  decide(id: string, session: OpenSession | null, seq: number): void {
    this.#decisions.set(id, { session, seq, acknowledgedAt: null });
    // A failing disk is told by the journal, whose group this note is part of.
    this.#notes.set(PREFIX + id, JSON.stringify({ session, seq })).catch(() => undefined);
  }

  /** The hub's row of this session, as it now is (null = removed). True when that settles the own decision. */
  heard(id: string, row: OpenSession | null): boolean {
    const own = this.#decisions.get(id);
    if (own === undefined) return false;
    const same = row === null || (own.session !== null && row.revision >= own.session.revision);
    if (same) this.#drop(id);
    return same;
  }

  /** The hub has everything up to `seq`. @returns ids of decisions that are dropped because the hub has had its time. */
  acknowledged(seq: number, now: number): string[] {
    const over: string[] = [];
    for (const [id, own] of this.#decisions) {
      if (own.seq > seq) own.acknowledgedAt = null;
      else if (own.acknowledgedAt === null) own.acknowledgedAt = now;
      else if (now - own.acknowledgedAt > SETTLE) over.push(id);
    }
    for (const id of over) this.#drop(id);
    return over;
  }

  /** Without a link nothing more is heard: the hub's time to answer begins anew with the next connection. */
  disconnected(): void {
    for (const own of this.#decisions.values()) own.acknowledgedAt = null;
  }

  #drop(id: string): void {
    this.#decisions.delete(id);
    this.#notes.set(PREFIX + id, null).catch(() => undefined);
  }
}
