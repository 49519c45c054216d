import type { Origin } from '@palang/contract/ids';
import { correctedWall } from '@palang/contract/instant';
import { type Sql, upsert } from '@palang/db/database';
import type { Examined } from './records.js';

/** Keeps `system_alerts` after the faults that lanes raise and clear. An origin tells both in order, so the last word counts. */
export async function projectAlerts(sql: Sql, origin: Origin, items: readonly Examined[]): Promise<void> {
  for (const { id, event } of items) {
    if (event?.kind === 'fault_raised') {
      await sql.insert(
        'system_alerts',
        ['event_id', 'origin', 'gate', 'fault', 'detail', 'raised_at', 'cleared_at'],
        [[id, origin, event.lane, event.data.fault, event.data.detail, correctedWall(event.at), null]],
        upsert(sql.dialect, ['event_id'], ['detail']),
      );
    } else if (event?.kind === 'fault_cleared') {
      await sql.execute(
        "UPDATE system_alerts SET cleared_at = ? WHERE cleared_at IS NULL AND origin = ? AND fault = ? AND COALESCE(gate, '') = ?",
        [correctedWall(event.at), origin, event.data.fault, event.lane ?? ''],
      );
    }
  }
}
