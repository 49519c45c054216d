import type { EventView } from '@palang/contract/api/shapes';
import { correctedWall } from '@palang/contract/instant';
import type { StoredEvent } from '../link/ports.js';

/** An event ready to be seen. A record that could not be read has no values; its bytes are kept for a person to look at. */
export function presentEvent(event: StoredEvent): EventView {
  return {
    id: event.id,
    cursor: event.position,
    kind: event.kind,
    gate_id: event.lane,
    at: event.header === null ? event.receivedAt : correctedWall(event.header.at),
    received_at: event.receivedAt,
    session: event.session,
    plate: event.plate,
    card_id: event.card,
    data: event.header?.data ?? {},
  };
}
