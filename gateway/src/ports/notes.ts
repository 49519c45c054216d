/**
 * Small durable texts by key, kept in the journal's file and written with its next group, so that they cost no fsync of their own and are there, or not
 * there, together with the records appended in the same turn. For what must survive a power cut but is no history: own decisions that the hub has not
 * answered yet, the last command counter.
 */
export interface Notes {
  get(key: string): string | null;
  /** Pairs whose key begins with `prefix`. */
  entries(prefix: string): [key: string, value: string][];
  /** Null removes. Visible at once; resolves when durable, rejects with `journal_failed` (it is then tried again like a record). */
  set(key: string, value: string | null): Promise<void>;
}
