import { credential, shown, unclear } from './credential.js';
import { fault, lowerDue, offline, online, opened, reconcile, restored } from './device.js';
import type { Transition } from './effect.js';
import type { Context, Input, InputOf } from './input.js';
import { raised } from './opening.js';
import { capture, gate, photo, reported } from './operator.js';
import { loop, passage, position, riseDue, waited } from './passing.js';
import { outcome, paymentDue, resolveDue, unresolved } from './payment.js';
import type { Rules } from './profile.js';
import type { LaneState } from './state.js';
import { Turn } from './turn.js';

/**
 * The lane machine: what one input does to a lane. Pure: the same state, input, context and rules always give the same transition.
 * The caller stores the records and the new state together, and only then carries out the effects, in order.
 */
export function step(state: LaneState, input: Input, context: Context, rules: Rules): Transition {
  const t = new Turn(state, context, rules);
  dispatch(t, input);
  return t.done();
}

/** Whether the input may open: only then the caller asks the barrier for the name of its next command, which ages from there. */
export function mayOpen({ phase }: LaneState, input: Input): boolean {
  switch (input.kind) {
    case 'credential':
      return ['closed', 'vehiclePresent', 'identifying', 'denied', 'awaitingPayment', 'deciding'].includes(phase);
    case 'payment':
      return phase === 'awaitingPayment' || phase === 'deciding';
    case 'gate':
      return input.order.action === 'open' || input.order.action === 'hold';
    default:
      return false;
  }
}

function dispatch(t: Turn, input: Input) {
  switch (input.kind) {
    case 'restored':
      return restored(t);
    case 'loop':
      return loop(t, input);
    case 'passage':
      return passage(t, input);
    case 'credential':
      return credential(t, input);
    case 'unreadable':
    case 'button':
      return unclear(t);
    case 'position':
      return position(t, input);
    case 'opened':
      return opened(t, input);
    case 'online':
      return online(t, input);
    case 'offline':
      return offline(t, input.reason);
    case 'reconcile':
      return reconcile(t, input);
    case 'fault':
      return fault(t, input);
    case 'sent':
      return sent(t, input);
    case 'payment':
      return outcome(t, input);
    case 'unresolved':
      return unresolved(t, input);
    case 'photo':
      return photo(t, input);
    case 'timer':
      return timer(t, input);
    case 'gate':
      return gate(t, input);
    case 'capture':
      return capture(t, input);
  }
}

function sent(t: Turn, input: InputOf<'sent'>) {
  if (input.order !== null) reported(t, input.order, input.failure);
  if (input.operation === 'raise' && input.opening === t.state.opening?.id) return raised(t, input.failure);
  if (input.order === null) t.ignore('no_consequence');
}

function timer(t: Turn, { timer: name }: InputOf<'timer'>) {
  if (t.state.timers[name] === undefined) return t.ignore('timer_stopped');
  t.stop(name);
  switch (name) {
    case 'rise':
      return riseDue(t);
    case 'unused':
    case 'backOut':
      return waited(t, name);
    case 'denied':
      return shown(t);
    case 'payment':
      return paymentDue(t);
    case 'resolve':
      return resolveDue(t);
    case 'lower':
      return lowerDue(t);
    case 'absent':
      return t.raiseFault('board_offline', 'no answer since the start');
    case 'unexplained':
      return t.clearFault('unexplained_opening');
  }
}
