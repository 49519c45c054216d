import type { CredentialValue } from '@palang/contract/credential';
import type { OpenSession } from '@palang/contract/link/replica';
import type { EvidenceGrade, VehicleClass } from '@palang/contract/vocabulary';
import type { GateOrder, InputOf } from './input.js';
import { rest, show } from './rest.js';
import type { Turn } from './turn.js';

interface Cause {
  readonly cause: 'entry' | 'exit' | 'operator';
  readonly session: OpenSession | null;
  readonly credential: CredentialValue | null;
  readonly vehicleClass: VehicleClass;
  readonly paid?: boolean;
  readonly order?: GateOrder;
  readonly duration?: number;
}

/**
 * Commands an opening for one passage: recorded, and only then raised. The caller has checked that the barrier can be commanded.
 * An opening that was under way and is not over is commanded again (an operator helps an arm that stuck).
 */
export function open(t: Turn, cause: Cause) {
  const command = t.context.prepared;
  if (command === null) return t.ignore('lane_fault');
  const again = cause.order !== undefined && t.state.opening?.passed === false ? t.state.opening : null;
  const duration = cause.duration ?? 0;
  t.set({ next: null });
  rest(t);
  const id = t.seq;
  t.record('opening_commanded', cause.session?.id ?? again?.session?.id ?? null, {
    cause: cause.cause,
    board_boot: command.boot,
    board_sequence: command.sequence,
  });
  const unused_after = duration > 0 ? duration : t.times.unused;
  const fresh = {
    cause: cause.cause,
    direction: directionOf(t, cause.cause),
    session: cause.session,
    credential: cause.credential,
    vehicle_class: cause.vehicleClass,
    counted: false,
    touched: false,
    forward: false,
    passed: false,
    voided: false,
    left: null,
  };
  const under = again?.touched === true && t.state.loops.closing === true;
  t.set({ phase: under ? 'passing' : 'opening', opening: { ...(again ?? fresh), id, unused_after } });
  if (!under) t.start('rise', t.times.raise);
  acknowledgeOpenings(t);
  t.keepUp();
  t.effect({
    kind: 'send',
    operation: 'raise',
    prepared: command,
    hold_open: duration,
    opening: id,
    paid: cause.paid ?? false,
    order: cause.order ?? null,
  });
}

/** The people at the lane have seen the fault by now: a new opening of ours takes it back. */
export function acknowledgeOpenings(t: Turn) {
  t.clearFault('unexplained_opening');
  t.stop('unexplained');
}

/** The raise command of the present opening was taken, or not. */
export function raised(t: Turn, failure: InputOf<'sent'>['failure']) {
  if (t.state.phase !== 'opening') return;
  if (failure === 'barrier_no_answer') return;
  if (failure !== null) return notRaised(t, failure);
  if (!t.rules.profile.sensors.limit_switches || t.state.arm === 'up') risen(t);
}

/** The arm is up, or as up as this lane can prove. */
export function risen(t: Turn) {
  const { opening, loops } = t.state;
  if (opening === null || t.state.phase !== 'opening') return;
  t.stop('rise');
  t.set({ phase: 'open' });
  t.start('unused', opening.unused_after);
  if (!t.rules.profile.sensors.closing_loop && loops.arming !== true) pass(t);
}

/** The arm did not come up: nobody may think that the vehicle went through. */
export function notRaised(t: Turn, detail: string) {
  voidSession(t, 'not_raised');
  t.raiseFault('raise_timeout', detail);
  askLower(t);
  t.tell('not_raised');
  show(t, 'denied');
}

/** The vehicle went through; the arm may come down. */
export function pass(t: Turn) {
  settlePassage(t, t.rules.profile.evidence);
  lowering(t, t.rules.profile.closer === 'host');
}

/** Money is final, the session opens or closes. */
export function settlePassage(t: Turn, evidence: EvidenceGrade) {
  const { opening } = t.state;
  if (opening === null || opening.passed) return;
  t.setOpening({ passed: true });
  t.stop('unused', 'backOut', 'rise');
  const { session } = opening;
  if (session !== null && opening.cause === 'entry') {
    t.record('entry_passed', session.id, { evidence });
    if (opening.voided) t.effect({ kind: 'opened', session });
  }
  if (session !== null && opening.cause === 'exit') {
    t.record('exit_passed', session.id, { evidence });
    t.effect({ kind: 'gone', session: session.id });
  }
}

/** The opening is over as far as vehicles go; what is left is the arm coming down. */
export function lowering(t: Turn, ask: boolean) {
  if (ask) askLower(t);
  if (t.state.hold) return rest(t);
  const down = t.state.arm === 'down' && t.state.phase !== 'opening' && t.rules.profile.sensors.limit_switches;
  if (down) return conclude(t, true);
  t.set({ phase: 'closing' });
  t.start('lower', t.times.lower);
}

/** A barrier that closes itself cannot be asked. */
export function askLower(t: Turn) {
  if (t.rules.profile.closer !== 'self' && !t.state.hold) t.command('lower');
}

/** Takes back what was approved: nobody came in, or went out, under this opening. */
export function voidSession(t: Turn, reason: 'back_out' | 'unused' | 'not_raised') {
  const { opening } = t.state;
  if (opening === null || opening.voided || opening.passed) return;
  t.setOpening({ voided: true });
  if (opening.session === null) return;
  if (opening.cause === 'entry') {
    t.record('entry_voided', opening.session.id, { reason });
    t.effect({ kind: 'gone', session: opening.session.id });
  } else {
    t.record('exit_voided', opening.session.id, { reason });
  }
}

/** Nobody used the opening in time. A vehicle may still drive off while the arm comes down: void when it is down. */
export function unused(t: Turn) {
  if (t.state.hold) {
    voidSession(t, 'unused');
    return rest(t);
  }
  lowering(t, true);
}

/** The vehicle left towards where it came from. */
export function backedOut(t: Turn) {
  voidSession(t, 'back_out');
  t.stop('unused', 'backOut', 'rise');
  lowering(t, true);
}

/** The arm is down. `seen` is false when it came down while nobody watched. */
export function conclude(t: Turn, seen: boolean) {
  const { opening, loops } = t.state;
  if (opening !== null && !opening.passed) {
    if (opening.touched) settlePassage(t, t.rules.profile.evidence);
    // The vehicle was at the open arm and is gone, the arm is down, and nothing speaks for its having turned back.
    else if (!seen && t.rules.profile.sensors.arming_loop && loops.arming === false) settlePassage(t, 'armProven');
    else voidSession(t, 'unused');
  }
  rest(t);
}

function directionOf(t: Turn, cause: Cause['cause']): 'in' | 'out' {
  if (cause !== 'operator') return cause === 'entry' ? 'in' : 'out';
  return t.rules.profile.direction === 'out' ? 'out' : 'in';
}
