import { type AccessInput, decideExit } from '@palang/contract/access/decide';
import { codeOf } from '@palang/contract/errors';
import { correctedWall, stay } from '@palang/contract/instant';
import type { OpenSession } from '@palang/contract/link/replica';
import { price, type Quote } from '@palang/contract/tariff/price';
import { type Tariff, tariffFor } from '@palang/contract/tariff/tariff';
import type { DenyReason, PaymentMethod } from '@palang/contract/vocabulary';
import type { Lookup } from './input.js';
import { approveExit, charge, settle } from './payment.js';
import type { Presented } from './state.js';
import type { Turn } from './turn.js';

/** A credential with what is known about it. */
export interface Visit {
  readonly presented: Presented;
  readonly look: Lookup;
}

/** Prices the stay and lets the vehicle out, or asks for the money. */
export function leave(t: Turn, visit: Visit, access: AccessInput, deny: (reason: DenyReason) => void) {
  const decision = decideExit(access);
  if (!decision.approved) return deny(decision.reason);
  const { session } = decision;
  const tariff = tariffFor(visit.look.tariffs, correctedWall(session.entered));
  const quote = tariff === undefined ? null : quoteFor(t, session, tariff, decision.covered);
  if (quote === null) return deny('no_tariff');
  if (quote.flags.includes('above_ceiling')) return deny('fee_above_ceiling');
  t.tell(decision.alert ?? 'approved', visit.presented.card ?? session.card, session.plate);
  if (quote.amount === 0) return approveExit(t, session, quote, visit.presented, false);
  demand(t, session, quote, visit.presented);
}

/** Null when the tariff has no rate for the class: missing is never zero. */
function quoteFor(t: Turn, session: OpenSession, tariff: Tariff, covered: boolean): Quote | null {
  try {
    return price({
      tariff,
      vehicleClass: session.vehicle_class,
      stay: stay(session.entered, t.context.now),
      paid: session.paid,
      covered,
    });
  } catch (error) {
    if (codeOf(error) === 'no_tariff') return null;
    throw error;
  }
}

function demand(t: Turn, session: OpenSession, quote: Quote, presented: Presented) {
  const { method, ref, card, source } = presented;
  if (method !== null && !accepts(t, method)) {
    t.answer(presented.command, { ok: false, code: 'payment_method_unavailable', detail: { method } });
    return t.ignore('payment_method_unavailable');
  }
  const { debt } = t.state;
  const asksTerminal = method !== 'cash' && t.rules.terminal;
  // Nobody is asked to pay while it is unknown whether money has moved: for the same stay, or on the same terminal.
  if (debt !== null && (asksTerminal || debt.session.id === session.id)) {
    t.answer(presented.command, awaiting(t, session, quote, presented));
    t.stop('denied');
    return t.set({ phase: 'deciding', waiting: { ...presented, command: null } });
  }
  t.record('exit_quoted', session.id, { quote, credential: ref, card, source });
  if (method === 'cash') {
    const paid = settle(t, session, presented, {
      method,
      reference: presented.command ?? 'cash',
      masked: null,
      amount: quote.amount,
    });
    return approveExit(t, paid, quote, presented, true);
  }
  t.set({ phase: 'awaitingPayment', demand: { session, quote, presented } });
  t.stop('denied');
  t.start('payment', t.times.payment);
  if (t.rules.terminal) charge(t, session, quote, presented);
  t.tell('awaiting_payment', card, session.plate);
  t.answer(presented.command, awaiting(t, session, quote, presented));
}

function accepts(t: Turn, method: PaymentMethod): boolean {
  return t.rules.profile.payments.includes(method) && (method === 'cash' || t.rules.terminal);
}

export function awaiting(t: Turn, session: OpenSession, quote: Quote, presented: Presented) {
  return {
    ok: true as const,
    outcome: 'awaiting_payment' as const,
    detail: { session: session.id, quote, card_id: presented.card, gate_id: t.rules.profile.gate_id },
  };
}
