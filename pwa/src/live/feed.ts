import type { EventView } from '@palang/contract/api/shapes';

/** Events kept in the client; older ones are the hub's to show. */
export const FEED_KEPT = 200;

/** Adds events in any order and any number of times; the result is newest first by the hub's own order. */
export function addEvents(known: readonly EventView[], more: readonly EventView[]): readonly EventView[] {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !ids.has(id) && ids.add(id));
  if (fresh.length === 0) return known;
  return [...known, ...fresh].sort((a, b) => b.cursor - a.cursor).slice(0, FEED_KEPT);
}
