import { type Epoch, eventId, type Origin, type SessionId } from '@palang/contract/ids';
import { EventHeader } from '@palang/contract/link/events';
import { occupancy } from '@palang/contract/session/occupancy';
import type { Database, Value } from '@palang/db/database';
import { fromFacts } from './parkingLog.js';
import type { Ledger, SessionRecord, StoredEvent } from './ports.js';

interface SessionRow {
  readonly facts: string;
  readonly license_plate: string | null;
  readonly credential_value: string | null;
}

const SESSIONS = `SELECT p.facts AS facts, p.license_plate AS license_plate, s.value AS credential_value
  FROM parking_log p LEFT JOIN subjects s ON s.ref = p.credential`;

interface EventRow {
  readonly position: number;
  readonly origin: Origin;
  readonly epoch: Epoch;
  readonly seq: number;
  readonly kind: string;
  readonly lane: string | null;
  readonly session_id: SessionId | null;
  readonly received_at: number;
  readonly record: string;
  readonly license_plate: string | null;
  readonly card_id: string | null;
}

const EVENTS = `SELECT e.position AS position, e.origin AS origin, e.epoch AS epoch, e.seq AS seq, e.kind AS kind, e.lane AS lane,
  e.session_id AS session_id, e.received_at AS received_at, e.record AS record, p.license_plate AS license_plate, p.card_id AS card_id
  FROM events e LEFT JOIN parking_log p ON p.session_id = e.session_id`;

export function createLedger(database: Database): Ledger {
  async function sessionsBy(rest: string, values: readonly Value[]): Promise<SessionRecord[]> {
    const rows = await database.query<SessionRow>(`${SESSIONS} ${rest}`, values);
    return rows.map((row) => ({
      session: fromFacts(row.facts),
      plate: row.license_plate,
      credential: row.credential_value,
    }));
  }
  return {
    async session(id) {
      const [found] = await sessionsBy('WHERE p.session_id = ?', [id]);
      return found ?? null;
    },
    async sessions({ inside, before, limit }) {
      const conditions: string[] = [];
      const values: Value[] = [];
      if (inside !== undefined) {
        conditions.push('p.inside = ?');
        values.push(inside ? 1 : 0);
      }
      if (before !== undefined) {
        // Sessions without a known entry come last.
        const [page] = await database.query<{ entry_time: number | null }>(
          'SELECT entry_time FROM parking_log WHERE session_id = ?',
          [before],
        );
        const time = page?.entry_time ?? null;
        if (time === null) {
          conditions.push('p.entry_time IS NULL AND p.session_id < ?');
          values.push(before);
        } else {
          conditions.push('(p.entry_time < ? OR (p.entry_time = ? AND p.session_id < ?) OR p.entry_time IS NULL)');
          values.push(time, time, before);
        }
      }
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
      return sessionsBy(`${where} ORDER BY p.entry_time DESC, p.session_id DESC LIMIT ?`, [...values, limit]);
    },
    async openSessionsOf({ credential, card }) {
      const conditions: string[] = [];
      const values: Value[] = [];
      if (credential !== undefined) {
        conditions.push("p.credential IN (SELECT canonical FROM subjects WHERE kind = 'credential' AND value = ?)");
        values.push(credential);
      }
      if (card !== undefined) {
        conditions.push('p.card_id = ?');
        values.push(card);
      }
      if (conditions.length === 0) return [];
      return sessionsBy(
        `WHERE p.inside = 1 AND (${conditions.join(' OR ')}) ORDER BY p.entry_time, p.session_id`,
        values,
      );
    },
    async events({ after, limit }) {
      if (after !== undefined) {
        const rows = await database.query<EventRow>(`${EVENTS} WHERE e.position > ? ORDER BY e.position LIMIT ?`, [
          after,
          limit,
        ]);
        return rows.map(toEvent);
      }
      const rows = await database.query<EventRow>(`${EVENTS} ORDER BY e.position DESC LIMIT ?`, [limit]);
      return rows.reverse().map(toEvent);
    },
    async occupancy() {
      const [inside] = await database.query<{ n: number }>('SELECT COUNT(*) AS n FROM parking_log WHERE inside = 1');
      const [places] = await database.query<{ n: number | null }>(
        'SELECT CAST(SUM(capacity) AS SIGNED) AS n FROM parking_slots',
      );
      return occupancy(places?.n ?? 0, inside?.n ?? 0);
    },
    async attentionCount() {
      const [row] = await database.query<{ n: number }>(
        'SELECT COUNT(*) AS n FROM attention WHERE resolved_at IS NULL',
      );
      return row?.n ?? 0;
    },
  };
}

function toEvent(row: EventRow): StoredEvent {
  const header = headerOf(row.record);
  const card = header?.data.card;
  return {
    position: row.position,
    id: eventId(row),
    kind: row.kind,
    lane: row.lane,
    session: row.session_id,
    receivedAt: row.received_at,
    header: row.kind === 'unreadable' ? null : header,
    plate: row.license_plate,
    card: row.card_id ?? (typeof card === 'string' ? card : null),
  };
}

function headerOf(record: string): EventHeader | null {
  try {
    return EventHeader.safeParse(JSON.parse(record)).data ?? null;
  } catch {
    // Stored although it is not JSON: it is on the attention list since it came.
    return null;
  }
}
