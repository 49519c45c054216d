import { ZERO } from '@palang/contract/money';
import type { InputOf } from './input.js';
import {
  backedOut,
  conclude,
  lowering,
  notRaised,
  pass,
  risen,
  settlePassage,
  unused,
  voidSession,
} from './opening.js';
import { vehicleLeaves } from './payment.js';
import { rest } from './rest.js';
import type { Opening } from './state.js';
import type { Turn } from './turn.js';

export function loop(t: Turn, input: InputOf<'loop'>) {
  if (t.state.loops[input.loop] === input.occupied) return t.ignore('no_change');
  t.set({ loops: { ...t.state.loops, [input.loop]: input.occupied } });
  if (input.loop === 'arming') return input.occupied ? armingOccupied(t) : armingClear(t);
  return input.occupied ? closingOccupied(t) : closingClear(t);
}

/** A device without a closing loop that the lane sees may prove the passage itself. */
export function passage(t: Turn, input: InputOf<'passage'>) {
  if (t.rules.profile.sensors.closing_loop) return t.ignore('seen_by_loop');
  loop(t, { kind: 'loop', loop: 'closing', occupied: input.passage === 'entered' });
}

function armingOccupied(t: Turn) {
  t.stop('backOut');
  if (t.state.phase === 'closed') t.set({ phase: 'vehiclePresent' });
}

function armingClear(t: Turn) {
  const { phase, opening } = t.state;
  t.set({ next: null });
  switch (phase) {
    case 'vehiclePresent':
    case 'identifying':
    case 'denied':
    case 'deciding':
      return rest(t);
    case 'awaitingPayment':
      return t.start('backOut', t.times.back_out);
    case 'opening':
    case 'open':
      if (phase === 'open' && !t.rules.profile.sensors.closing_loop) return pass(t);
      return t.start('backOut', t.times.back_out);
    case 'passing':
      return t.setOpening({ forward: true });
    case 'closing':
      // Closing loop left first, arming loop last: the vehicle reversed out.
      if (opening === null || !undecided(opening)) return;
      voidSession(t, 'back_out');
      return t.setOpening({ touched: false });
    default:
      return;
  }
}

function closingOccupied(t: Turn) {
  const { opening, phase } = t.state;
  if (phase === 'heldOpen' || (phase === 'closing' && opening === null)) return t.ignore('passage_while_held');
  if (opening === null) {
    if (t.state.arm === 'down') return t.ignore('passage_while_closed');
    return follower(t, null, t.rules.profile.direction === 'out' ? 'out' : 'in');
  }
  if (opening.touched && !within(t, opening, t.times.trailer_gap)) {
    settlePassage(t, t.rules.profile.evidence);
    follower(t, opening, opening.direction);
  }
  t.stop('backOut', 'unused', 'rise', 'lower');
  t.setOpening({ touched: true, forward: t.state.loops.arming !== true });
  t.set({ phase: 'passing' });
}

function closingClear(t: Turn) {
  const { opening, phase, loops, hold } = t.state;
  if (phase !== 'passing' || opening === null) return;
  t.setOpening({ left: { boot: t.context.now.boot, mono: t.context.now.mono } });
  if (!opening.passed && (opening.forward || loops.arming !== true)) return pass(t);
  // Under a hold no arm will come down to decide it: the vehicle has been under the arm and left.
  if (!opening.passed && hold) return pass(t);
  // Passed already (a trailer, a follower), or still undecided: both loops were occupied all the time.
  lowering(t, t.rules.profile.closer === 'host');
}

/** A second vehicle under one opening. At an entry it gets a provisional session, so that its exit finds something. */
function follower(t: Turn, before: Opening | null, direction: 'in' | 'out') {
  const vehicle_class = before?.vehicle_class ?? t.rules.profile.vehicle_classes[0] ?? 'car';
  const behind = before?.session?.id ?? null;
  const id = t.record('tailgating', null, { direction, behind, vehicle_class });
  t.capture('tailgating', direction === 'in' ? id : behind);
  t.tell('tailgating');
  if (direction !== 'in') return;
  t.effect({
    kind: 'opened',
    session: {
      id,
      credential: null,
      card: null,
      plate: null,
      vehicle_class,
      right: 'casual',
      entered: t.context.now,
      entry_lane: t.rules.profile.gate_id,
      paid: ZERO,
      revision: 0,
      provisional: true,
    },
  });
}

/** It was under the arm and left the loop, but nothing yet tells which way. */
export function undecided(opening: Opening): boolean {
  return opening.touched && !opening.passed;
}

function within(t: Turn, { left }: Opening, gap: number): boolean {
  return left !== null && left.boot === t.context.now.boot && t.context.now.mono - left.mono < gap;
}

export function position(t: Turn, input: Pick<InputOf<'position'>, 'position'>, seen = true) {
  if (t.state.arm === input.position) return t.ignore('no_change');
  t.set({ arm: input.position });
  if (input.position === 'up') {
    t.record('arm_up', t.state.opening?.session?.id ?? null, {});
    t.clearFault('raise_timeout');
    if (t.state.hold) t.stop('rise');
    risen(t);
  }
  if (input.position !== 'down') return;
  t.record('arm_down', t.state.opening?.session?.id ?? null, {});
  if (t.state.hold) return holdLost(t);
  if (t.state.phase === 'open' || t.state.phase === 'closing') conclude(t, seen);
}

/** A device that restarted has forgotten the hold, or never heard of it. It is over, on both sides, rather than an arm that rises again unasked. */
export function holdLost(t: Turn) {
  t.set({ hold: false });
  t.command('release');
  t.tell('hold_lost');
  if (t.state.opening === null) rest(t);
  else if (t.state.phase === 'open' || t.state.phase === 'closing') conclude(t, true);
}

/** Neither for a vehicle nor for a hold did the arm come up. An arm that left its lower end may be up all the same: it stays held. */
export function riseDue(t: Turn) {
  if (t.state.phase === 'opening') return notRaised(t, 'no proof that the arm is up');
  if (!t.state.hold || t.state.arm !== 'down') return;
  holdLost(t);
  t.raiseFault('raise_timeout', 'no proof that the arm is up');
}

/** Both timers speak of a vehicle that is not on a loop. */
export function waited(t: Turn, timer: 'backOut' | 'unused') {
  if (timer === 'unused') return unused(t);
  if (t.state.phase === 'awaitingPayment') return vehicleLeaves(t);
  backedOut(t);
}
