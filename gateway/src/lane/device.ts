import type { FaultCode } from '@palang/contract/vocabulary';
import type { InputOf } from './input.js';
import { conclude, notRaised } from './opening.js';
import { holdLost, loop, position } from './passing.js';
import { resume } from './payment.js';
import { rest } from './rest.js';
import type { Timer } from './state.js';
import type { Turn } from './turn.js';

/** The opening counter rose. What no record of ours explains is recorded as such and shown until it was seen. */
export function opened(t: Turn, input: InputOf<'opened'>) {
  const known = t.state.openings;
  if (known !== null && input.openings <= known) return t.ignore('counted');
  t.set({ openings: input.openings });
  const by = known === null ? 1 : input.openings - known;
  if (input.commanded && by > 1) unexplained(t, input.openings - 1, by - 1);
  if (!input.commanded) return unexplained(t, input.openings, by);
  t.setOpening({ counted: true });
  t.record('arm_opened', t.state.opening?.session?.id ?? null, { openings: input.openings, expected: true, by: 1 });
}

function unexplained(t: Turn, openings: number, by: number) {
  t.record('arm_opened', null, { openings, expected: false, by });
  t.raiseFault('unexplained_opening', `${by} up to opening ${openings}`);
  t.start('unexplained', t.times.unexplained);
}

/** The device answers. What it has kept for us comes next; only after that its status is compared with ours. */
export function online(t: Turn, input: InputOf<'online'>) {
  t.set({ online: true });
  t.stop('absent');
  t.clearFault('board_offline');
  const { arm, loops, openings } = t.state;
  if (openings === null) t.set({ openings: input.openings });
  if (arm === 'unknown' && input.position !== null) t.set({ arm: input.position });
  if (loops.arming === null) level(t, 'arming', input.levels.arming);
  if (loops.closing === null) level(t, 'closing', input.levels.closing);
  t.start('reconcile', t.times.reconcile);
}

export function reconcile(t: Turn, input: InputOf<'reconcile'>) {
  const connection = t.state.timers.reconcile;
  t.stop('reconcile');
  if (!t.state.online) return t.ignore('offline');
  countAgain(t, input.openings);
  level(t, 'arming', input.levels.arming);
  level(t, 'closing', input.levels.closing);
  const at = input.position;
  if (at !== null && at !== t.state.arm) position(t, { position: at }, false);
  if (at !== 'down') return;
  // A hold that was recorded and never sent, or that moved nothing: nobody may wait before an arm that stays down.
  if (t.state.hold && commandedBefore(t, connection)) holdLost(t);
  else if (t.state.phase === 'opening' && t.state.opening?.counted === false && commandedBefore(t, connection))
    notRaised(t, 'the device did not take the command');
  else if (t.state.phase === 'open' || t.state.phase === 'closing') conclude(t, false);
}

/** Finds openings that nobody told. The one under way may be in the counter already, its message is then still to come. */
function countAgain(t: Turn, counter: number | null) {
  const { openings, opening, phase } = t.state;
  if (counter === null || openings === null) return;
  const expected = phase === 'opening' && opening?.counted === false && counter > openings ? 1 : 0;
  const by = counter - openings - expected;
  if (by === 0) return;
  t.set({ openings: counter - expected });
  unexplained(t, counter - expected, by);
}

/** The opening was commanded before this connection: such commands died with it, and what the arm has not begun by now it will not do. */
function commandedBefore(t: Turn, connection: Timer | undefined): boolean {
  const { rise } = t.state.timers;
  if (rise === undefined || connection === undefined || rise.boot !== connection.boot) return true;
  return rise.due - rise.after < connection.due - connection.after;
}

function level(t: Turn, name: 'arming' | 'closing', occupied: boolean | null) {
  if (occupied !== null && occupied !== t.state.loops[name]) loop(t, { kind: 'loop', loop: name, occupied });
}

export function offline(t: Turn, reason: string) {
  t.set({ online: false });
  t.stop('reconcile', 'absent');
  t.raiseFault('board_offline', reason);
}

export function fault(t: Turn, input: InputOf<'fault'>) {
  if (t.state.faults.includes(input.fault) === input.active) return t.ignore('no_change');
  if (!input.active) return t.clearFault(input.fault);
  t.raiseFault(input.fault, input.detail);
  if (input.fault === 'raise_timeout' && t.state.phase === 'opening') notRaised(t, input.detail);
}

/** Faults that their owners, new with this process, raise again where they still are and know nothing of where they are not. */
const FORGOTTEN: readonly FaultCode[] = [
  'board_firmware_mismatch',
  'limits_conflict',
  'arm_broken',
  'lower_timeout',
  'open_too_long',
  'closing_loop_stuck',
  'closing_loop_chatters',
  'opening_counter_unreadable',
  'board_events_lost',
  'journal_slow',
  'journal_failed',
  'clock_uncertain',
];

/** After a start: the device has not answered yet, answers to charges and pictures under way are lost. */
export function restored(t: Turn) {
  t.set({ online: false });
  t.stop('reconcile');
  t.start('absent', t.times.absent);
  for (const fault of FORGOTTEN) t.clearFault(fault);
  for (const { purpose, session, by } of t.state.photos) {
    t.record('photo_missed', session, { purpose, reason: 'gateway_restarted' });
    if (by !== null) t.record('operator_command', null, { ...by, action: 'capture', outcome: 'gateway_restarted' });
  }
  t.set({ photos: [] });
  resume(t);
}

/** Not seen down in time: asked for again; without limit switches the arm counts as down by now. */
export function lowerDue(t: Turn) {
  if (t.state.phase !== 'closing') return;
  if (!t.rules.profile.sensors.limit_switches || t.state.arm === 'down') {
    return t.state.opening === null ? rest(t) : conclude(t, true);
  }
  if (t.state.online && t.rules.profile.closer !== 'self') t.command('lower');
  t.start('lower', t.times.lower);
}
