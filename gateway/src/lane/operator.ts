import type { Answer } from './effect.js';
import type { GateOrder, InputOf } from './input.js';
import { acknowledgeOpenings, conclude, open } from './opening.js';
import { withdraw } from './payment.js';
import { rest } from './rest.js';
import type { Turn } from './turn.js';

/** What an operator, or another system, asks of the lane. Each order is recorded with what became of it. */
export function gate(t: Turn, { order, duration }: InputOf<'gate'>) {
  const refusal = refuse(t, order);
  note(t, order, refusal ?? 'accepted');
  if (refusal !== null) return t.answer(order.by.command, refused(refusal, t));
  switch (order.action) {
    case 'open':
      withdraw(t);
      t.capture('operator', t.state.opening?.session?.id ?? null);
      return open(t, {
        cause: 'operator',
        session: null,
        credential: null,
        vehicleClass: t.rules.profile.vehicle_classes[0] ?? 'car',
        order,
        duration,
      });
    case 'hold':
      return hold(t, order);
    case 'release':
      return release(t, order);
    case 'close':
      if (t.state.hold) return release(t, order);
      return t.command('lower', order);
    case 'out_of_service':
    case 'in_service':
      t.set({ suspended: order.action === 'out_of_service' });
      if (idle(t)) rest(t);
      return t.answer(order.by.command, accepted(order));
  }
}

function hold(t: Turn, order: GateOrder) {
  const prepared = t.context.prepared;
  if (prepared === null) return;
  withdraw(t);
  t.record('opening_commanded', t.state.opening?.session?.id ?? null, {
    cause: 'operator',
    board_boot: prepared.boot,
    board_sequence: prepared.sequence,
  });
  acknowledgeOpenings(t);
  t.set({ hold: true });
  const { opening } = t.state;
  if (opening === null || opening.passed || opening.voided) rest(t);
  else if (opening.touched && t.state.phase === 'closing') conclude(t, true);
  if (t.state.phase === 'heldOpen' && t.rules.profile.sensors.limit_switches && t.state.arm !== 'up') {
    t.start('rise', t.times.raise);
  }
  t.keepUp();
  t.effect({ kind: 'send', operation: 'hold', prepared, hold_open: 0, opening: null, paid: false, order });
}

function release(t: Turn, order: GateOrder) {
  t.set({ hold: false });
  t.command('release', order);
  if (t.state.phase !== 'heldOpen') return;
  t.set({ phase: 'closing' });
  t.start('lower', t.times.lower);
}

function refuse(t: Turn, { action }: GateOrder): string | null {
  const { hold: held, suspended, online, loops, faults } = t.state;
  const moves = action !== 'out_of_service' && action !== 'in_service';
  const opens = action === 'open' || action === 'hold';
  if ((moves && !online) || (opens && t.context.prepared === null)) return 'lane_fault';
  switch (action) {
    case 'close': {
      const broken = faults.includes('closing_loop_stuck') || faults.includes('closing_loop_chatters');
      const unseen = !t.rules.profile.sensors.closing_loop || loops.closing === null || broken;
      return unseen ? 'lane_unseen' : null;
    }
    case 'open':
      return held ? 'nothing_to_do' : null;
    case 'hold':
      return held ? 'nothing_to_do' : null;
    case 'release':
      return held ? null : 'nothing_to_do';
    case 'out_of_service':
      return suspended ? 'nothing_to_do' : null;
    case 'in_service':
      return suspended ? null : 'nothing_to_do';
  }
}

function idle(t: Turn): boolean {
  return ['closed', 'vehiclePresent', 'identifying', 'denied', 'outOfService'].includes(t.state.phase);
}

/** What the device said to an operator's command. A refusal is recorded too: the last outcome of a command counts. */
export function reported(t: Turn, order: GateOrder, failure: string | null) {
  if (failure === null) return t.answer(order.by.command, accepted(order));
  note(t, order, failure);
  if (order.action === 'hold' && failure !== 'barrier_no_answer') {
    t.set({ hold: false });
    if (t.state.phase === 'heldOpen') rest(t);
  }
  t.answer(order.by.command, refused('lane_fault', t, failure));
}

/** A picture on demand. Its order is recorded when it is known whether there is one. */
export function capture(t: Turn, { by }: InputOf<'capture'>) {
  if (t.rules.camera && !t.photosFull) return t.capture('operator', null, by);
  const reason = t.rules.camera ? 'camera_busy' : 'camera_offline';
  t.record('operator_command', null, { ...by, action: 'capture', outcome: reason });
  t.answer(by.command, { ok: false, code: 'camera_offline', detail: { reason } });
}

/** A picture arrived, or did not; the lane never waited for it. */
export function photo(t: Turn, input: InputOf<'photo'>) {
  const pending = t.state.photos.find((one) => one.id === input.id);
  if (pending === undefined) return t.ignore('no_such_photo');
  t.set({ photos: t.state.photos.filter((one) => one !== pending) });
  const { purpose, session, by } = pending;
  const { photo } = input;
  if (photo === null) t.record('photo_missed', session, { purpose, reason: input.reason.slice(0, 500) });
  else t.record('photo_taken', session, { purpose, digest: photo.digest, bytes: photo.bytes });
  if (by === null) return;
  t.record('operator_command', null, { ...by, action: 'capture', outcome: photo === null ? input.reason : 'captured' });
  const answer: Answer =
    photo === null
      ? { ok: false, code: 'camera_offline', detail: { reason: input.reason } }
      : { ok: true, outcome: 'captured', detail: { digest: photo.digest, taken_at: photo.at } };
  t.answer(by.command, answer);
}

function note(t: Turn, { by, action }: GateOrder, outcome: string) {
  t.record('operator_command', t.state.opening?.session?.id ?? null, { ...by, action, outcome });
  t.tell(action);
}

function accepted({ action, by }: GateOrder): Answer {
  return { ok: true, outcome: 'accepted', detail: { action, command: by.command } };
}

function refused(code: string, t: Turn, barrier: string | null = null): Answer {
  return { ok: false, code, detail: { faults: t.state.faults, state: t.state.phase, barrier } };
}
