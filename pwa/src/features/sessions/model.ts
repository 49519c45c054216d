import type { SessionView } from '@palang/contract/api/shapes';
import { normalisePlate } from '@palang/contract/plate';

/** Letters that people confuse with digits on a wet plate or over a radio. */
const LOOKALIKES: Readonly<Record<string, string>> = { O: '0', I: '1', Q: '0', Z: '2', S: '5', B: '8' };

/** Sessions whose plate or card contains `text`; lookalike letters and digits count as the same. Empty text finds all. */
export function search(sessions: readonly SessionView[], text: string): readonly SessionView[] {
  const wanted = blur(text);
  if (wanted === '') return sessions;
  return sessions.filter(({ license_plate, card_id }) =>
    [license_plate, card_id].some((value) => value !== null && blur(value).includes(wanted)),
  );
}

function blur(text: string): string {
  return (normalisePlate(text) ?? '').replace(/[OIQZSB]/g, (letter) => LOOKALIKES[letter] ?? letter);
}

/** How long a vehicle has stayed, ms by the hub's clock; null when its entry is unknown. */
export function stayed(session: SessionView, hubNow: number): number | null {
  return session.entry_time === null ? null : Math.max(0, (session.exit_time ?? hubNow) - session.entry_time);
}

/** The digest of the entry photo; null when there is none. */
export function entryPhoto(session: SessionView): string | null {
  return session.photos.find(({ purpose }) => purpose === 'entry')?.digest ?? null;
}

/** What needs a person's eye: the session's flags and its quote's. */
export function flagsOf(session: SessionView): string[] {
  return [...session.flags, ...(session.fee?.flags ?? [])];
}
