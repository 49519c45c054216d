import { decideEntry } from '@palang/contract/access/decide';
import type { DenyReason } from '@palang/contract/vocabulary';
import { enter } from './entry.js';
import { leave, type Visit } from './exit.js';
import type { InputOf } from './input.js';
import { settlePassage } from './opening.js';
import { undecided } from './passing.js';
import { cashMeanwhile } from './payment.js';
import { rest, show } from './rest.js';
import type { Presented } from './state.js';
import type { Turn } from './turn.js';

/** A credential was read, or an order names one. One transaction at a time, and only with a vehicle there. */
export function credential(t: Turn, input: InputOf<'credential'>) {
  const visit: Visit = input;
  if (waitsItsTurn(t, visit)) return;
  if (cashMeanwhile(t, visit)) return;
  const reason = unready(t, visit.presented);
  if (reason !== null) return refuse(t, visit, reason);
  const settings = visit.look.settings;
  if (settings === null) return refuse(t, visit, 'not_ready');
  const direction = directionOf(t, visit);
  const { profile } = t.rules;
  if (profile.direction !== 'reversible' && profile.direction !== direction) {
    return deny(t, visit, direction, 'wrong_direction');
  }
  const type = visit.presented.credential.split(':', 1)[0];
  if (type !== 'label' && !profile.credentials.some((accepted) => accepted === type)) {
    return deny(t, visit, direction, 'unknown_credential');
  }
  const access = {
    credential: visit.presented.credential,
    card: visit.look.card,
    openSession: visit.look.openSession,
    settings,
    occupied: visit.look.occupied,
    laneClasses: profile.vehicle_classes,
    now: t.wall,
  };
  if (direction === 'out') return leave(t, visit, access, (denied) => deny(t, visit, direction, denied));
  const decision = decideEntry(access);
  if (decision.approved) enter(t, visit, decision);
  else deny(t, visit, direction, decision.reason);
}

/** The next in the queue is often read while the arm is still up for the vehicle before: kept until it is down, not lost. */
function waitsItsTurn(t: Turn, { presented }: Visit): boolean {
  const { phase, opening, loops, online } = t.state;
  if ((phase !== 'passing' && phase !== 'closing') || presented.source !== 'reader' || !online) return false;
  if (t.rules.profile.sensors.arming_loop && loops.arming !== true) return false;
  const under = opening !== null && (phase === 'passing' || undecided(opening));
  if (under && presented.credential === opening.credential) return false;
  // Another credential at the reader: the vehicle before went forward, it is not there to be asked again. Whatever the next one does now, backing out
  // included, says nothing about the one before.
  if (phase === 'closing' && under) settlePassage(t, t.rules.profile.evidence);
  else if (under) t.setOpening({ forward: true });
  t.set({ next: presented });
  return true;
}

/** Why a credential cannot be served now; null when it can. */
function unready(t: Turn, { intent, credential: presented }: Presented): string | null {
  const { phase, loops, online, waiting } = t.state;
  if (phase === 'outOfService') return 'out_of_service';
  // Whoever waits for a terminal that another stay has left in doubt may still pay a person.
  const meanwhile = phase === 'deciding' && intent === 'exit' && waiting?.credential === presented;
  if (!meanwhile && !['closed', 'vehiclePresent', 'identifying', 'denied'].includes(phase)) return 'lane_busy';
  if (!online || t.context.prepared === null) return 'lane_fault';
  if (t.rules.profile.sensors.arming_loop && loops.arming !== true) return 'no_vehicle';
  return null;
}

function directionOf(t: Turn, { presented, look }: Visit): 'in' | 'out' {
  if (presented.intent !== null) return presented.intent === 'entry' ? 'in' : 'out';
  const { direction } = t.rules.profile;
  if (direction !== 'reversible') return direction;
  return look.openSession === undefined ? 'in' : 'out';
}

function refuse(t: Turn, { presented }: Visit, code: string) {
  t.answer(presented.command, { ok: false, code, detail: { faults: t.state.faults, state: t.state.phase } });
  t.ignore(code);
}

function deny(t: Turn, { presented, look }: Visit, direction: 'in' | 'out', reason: DenyReason) {
  const { ref, card, source } = presented;
  t.record(direction === 'in' ? 'entry_denied' : 'exit_denied', null, { credential: ref, card, reason, source });
  t.tell(reason, card, look.plate);
  t.answer(presented.command, { ok: false, code: reason, detail: { card_id: card } });
  show(t, 'denied');
}

/** Something was presented that could not be read, or the button was pressed: the lane asks again. */
export function unclear(t: Turn) {
  if (t.state.phase !== 'vehiclePresent') return t.ignore('nobody_to_identify');
  show(t, 'identifying');
}

/** A refusal, or a question, was shown long enough. */
export function shown(t: Turn) {
  if (t.state.phase === 'denied' || t.state.phase === 'identifying') rest(t);
}
