import type { EntryDecision } from '@palang/contract/access/decide';
import type { OpenSession } from '@palang/contract/link/replica';
import { ZERO } from '@palang/contract/money';
import type { Visit } from './exit.js';
import { open } from './opening.js';
import type { Turn } from './turn.js';

/** Admits a vehicle: the record of the approval names the session, the record of the opening follows it in the same append. */
export function enter(t: Turn, { presented, look }: Visit, decision: EntryDecision & { approved: true }) {
  const id = t.record('entry_approved', null, {
    credential: presented.ref,
    card: presented.card,
    plate: look.plateRef,
    vehicle_class: decision.vehicleClass,
    right: decision.right,
    source: presented.source,
    over_capacity: decision.overCapacity,
  });
  const session: OpenSession = {
    id,
    credential: presented.credential,
    card: presented.card,
    plate: look.plate,
    vehicle_class: decision.vehicleClass,
    right: decision.right,
    entered: t.context.now,
    entry_lane: t.rules.profile.gate_id,
    paid: ZERO,
    revision: 0,
    provisional: false,
  };
  open(t, { cause: 'entry', session, credential: presented.credential, vehicleClass: session.vehicle_class });
  t.effect({ kind: 'opened', session });
  t.tell('approved', presented.card, look.plate);
  t.capture('entry', id);
  t.answer(presented.command, {
    ok: true,
    outcome: 'approved',
    detail: { session: id, card_id: presented.card, gate_id: t.rules.profile.gate_id },
  });
}
