import type { OpenSession } from '@palang/contract/link/replica';
import { rupiah } from '@palang/contract/money';
import type { Quote } from '@palang/contract/tariff/price';
import type { InputOf, Outcome } from './input.js';
import { open } from './opening.js';
import { rest } from './rest.js';
import type { Debt, Presented } from './state.js';
import type { Turn } from './turn.js';

type Approved = Omit<Outcome & { status: 'approved' }, 'status'>;

/** How many refused sessions are remembered; older ones have left or were paid elsewhere. */
const REMEMBERED = 32;

/** Asks the terminal for the quoted amount. The caller has seen that nothing is unresolved. */
export function charge(t: Turn, session: OpenSession, quote: Quote, presented: Presented) {
  const { key, revision } = keyFor(t, session);
  t.set({ debt: { key, revision, session, quote, presented, stage: 'charging', cash: null } });
  t.effect({ kind: 'charge', key, amount: quote.amount });
}

/** `<session>:<revision>`; after a refusal `:<attempt>` more, for a terminal tells a known key its old outcome for ever. */
function keyFor(t: Turn, session: OpenSession): { key: string; revision: number } {
  const revision = session.revision + 1;
  const known = t.state.attempts.find((one) => one.session === session.id && one.revision === revision);
  const attempt = (known?.refused ?? 0) + 1;
  return { key: `${session.id}:${revision}${attempt === 1 ? '' : `:${attempt}`}`, revision };
}

/** Records that money moved; from then on the session has a credit, whatever happens to the passage. */
export function settle(
  t: Turn,
  session: OpenSession,
  presented: Presented,
  paid: Approved,
  name = keyFor(t, session),
): OpenSession {
  t.record('payment_settled', session.id, { ...name, ...paid });
  const credited = { ...session, paid: rupiah(session.paid + paid.amount), revision: name.revision };
  t.effect({ kind: 'changed', session: credited });
  t.set({ attempts: t.state.attempts.filter((one) => one.session !== session.id) });
  t.tell('paid', presented.card, session.plate);
  return credited;
}

/** Lets the vehicle out. Where the barrier cannot be commanded the credit stays: the next presentation costs nothing. */
export function approveExit(t: Turn, session: OpenSession, quote: Quote, presented: Presented, paid: boolean) {
  if (t.state.online && t.context.prepared !== null) {
    t.record('exit_approved', session.id, { quote });
    const { vehicle_class: vehicleClass } = session;
    open(t, { cause: 'exit', session, credential: presented.credential, vehicleClass, paid });
    t.capture('exit', session.id);
  } else {
    rest(t);
  }
  t.answer(presented.command, {
    ok: true,
    outcome: 'settled',
    detail: { session: session.id, quote, card_id: presented.card, gate_id: t.rules.profile.gate_id },
  });
}

export function outcome(t: Turn, input: InputOf<'payment'>) {
  const { debt } = t.state;
  if (debt === null || debt.key !== input.key) return t.ignore('no_such_charge');
  const result = input.outcome;
  switch (result.status) {
    case 'approved': {
      const { status: _, ...paid } = result;
      return approved(t, debt, paid);
    }
    case 'declined':
    case 'cancelled':
      return refused(t, debt, result.status, result.reason);
    case 'none':
      return refused(t, debt, 'cancelled', 'never_charged');
    case 'pending':
      t.effect({ kind: 'cancel', key: debt.key });
      return t.start('resolve', t.times.resolve);
    case 'unknown':
      return unknown(t, debt, result.reason);
  }
}

function approved(t: Turn, debt: Debt, paid: Approved) {
  close(t);
  const { key, revision } = debt;
  const session = settle(t, debt.session, debt.presented, paid, { key, revision });
  const waiting = waitsFor(t, debt);
  const presented = debt.cash ?? { ...debt.presented, command: null };
  if (waiting) return approveExit(t, session, debt.quote, presented, true);
  answerPaid(t, debt, session);
  lookAgain(t);
}

function refused(t: Turn, debt: Debt, kind: 'declined' | 'cancelled', reason: string) {
  close(t);
  t.record('payment_failed', debt.session.id, { key: debt.key, outcome: kind, reason: reason.slice(0, 500) });
  forget(t, debt);
  const waiting = t.state.phase === 'awaitingPayment' && waitsFor(t, debt);
  if (debt.cash !== null) {
    const paid = { method: 'cash', reference: debt.cash.command ?? 'cash', masked: null } as const;
    const session = settle(t, debt.session, debt.cash, { ...paid, amount: debt.quote.amount });
    if (waiting) return approveExit(t, session, debt.quote, debt.cash, true);
    answerPaid(t, debt, session);
    return lookAgain(t);
  }
  t.tell(kind, debt.presented.card, debt.session.plate);
  if (waiting) return rest(t);
  lookAgain(t);
}

/** The terminal may or may not have taken the money: it is asked until it knows, and nobody pays again before. */
function unknown(t: Turn, debt: Debt, reason: string) {
  if (debt.stage !== 'unknown') {
    t.record('payment_failed', debt.session.id, { key: debt.key, outcome: 'unknown', reason: reason.slice(0, 500) });
    t.set({ debt: { ...debt, stage: 'unknown' } });
    t.raiseFault('payment_unresolved', debt.key);
    t.effect({ kind: 'resolve', key: debt.key });
  }
  t.start('resolve', t.times.resolve);
  if (t.state.phase !== 'awaitingPayment') return;
  t.stop('payment', 'backOut');
  t.set({ phase: 'deciding', waiting: { ...debt.presented, command: null }, demand: null });
}

export function unresolved(t: Turn, input: InputOf<'unresolved'>) {
  if (t.state.debt?.key !== input.key) return t.ignore('no_such_charge');
  t.start('resolve', t.times.resolve);
}

export function resolveDue(t: Turn) {
  if (t.state.debt === null) return;
  t.effect({ kind: 'resolve', key: t.state.debt.key });
  t.start('resolve', t.times.resolve);
}

/** After a restart the answer to a charge is lost: its outcome is unknown until the terminal has told. */
export function resume(t: Turn) {
  const { debt } = t.state;
  if (debt === null) return;
  if (debt.stage !== 'unknown') return unknown(t, debt, 'gateway_restarted');
  t.effect({ kind: 'resolve', key: debt.key });
  t.start('resolve', t.times.resolve);
}

/** An operator takes cash from a vehicle that the terminal is asking: the terminal must let go first. True when dealt with. */
export function cashMeanwhile(t: Turn, { presented }: { presented: Presented }): boolean {
  const { phase, debt, demand } = t.state;
  if (phase !== 'awaitingPayment' || demand === null || presented.intent !== 'exit') return false;
  if (presented.credential !== demand.presented.credential) return false;
  if (presented.method === 'cash' && t.rules.profile.payments.includes('cash')) {
    if (debt === null) {
      const paid = { method: 'cash', reference: presented.command ?? 'cash', masked: null } as const;
      const { session, quote } = demand;
      approveExit(t, settle(t, session, presented, { ...paid, amount: quote.amount }), quote, presented, true);
    } else {
      t.set({ debt: { ...debt, stage: 'cancelling', cash: debt.cash ?? presented } });
      t.effect({ kind: 'cancel', key: debt.key });
      if (debt.cash !== null) t.answer(presented.command, { ok: false, code: 'lane_busy', detail: {} });
    }
    return true;
  }
  const { session, quote } = demand;
  const detail = { session: session.id, quote, card_id: presented.card, gate_id: t.rules.profile.gate_id };
  t.answer(presented.command, { ok: true, outcome: 'awaiting_payment', detail });
  return true;
}

/** Nobody waits to pay any more. A charge that is approved all the same is recorded as a credit of its session. */
export function vehicleLeaves(t: Turn) {
  withdraw(t);
  rest(t);
}

export function withdraw(t: Turn) {
  const { debt } = t.state;
  if (debt?.stage !== 'charging') return;
  t.set({ debt: { ...debt, stage: 'cancelling' } });
  t.effect({ kind: 'cancel', key: debt.key });
}

/** The driver took too long. */
export function paymentDue(t: Turn) {
  if (t.state.phase !== 'awaitingPayment') return;
  if (t.state.debt === null) return rest(t);
  withdraw(t);
}

function waitsFor(t: Turn, debt: Debt): boolean {
  const { phase, demand, waiting } = t.state;
  if (phase === 'awaitingPayment') return demand?.session.id === debt.session.id;
  return phase === 'deciding' && waiting?.credential === debt.presented.credential;
}

function close(t: Turn) {
  t.set({ debt: null });
  t.stop('resolve', 'payment');
  t.clearFault('payment_unresolved');
}

function lookAgain(t: Turn) {
  const { phase, waiting } = t.state;
  if (phase !== 'deciding' || waiting === null) return;
  rest(t);
  t.effect({ kind: 'lookAgain', presented: waiting });
}

function answerPaid(t: Turn, { cash, quote }: Debt, session: OpenSession) {
  const detail = { session: session.id, quote, card_id: cash?.card ?? null, gate_id: t.rules.profile.gate_id };
  t.answer(cash?.command ?? null, { ok: true, outcome: 'settled', detail });
}

function forget(t: Turn, { session, revision }: Debt) {
  const rest = t.state.attempts.filter((one) => one.session !== session.id);
  const known = t.state.attempts.find((one) => one.session === session.id && one.revision === revision);
  const next = { session: session.id, revision, refused: (known?.refused ?? 0) + 1 };
  t.set({ attempts: [...rest, next].slice(-REMEMBERED) });
}
