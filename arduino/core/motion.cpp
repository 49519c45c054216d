#include "motion.h"

#include "little_endian.h"

namespace palang {

namespace {

void count_opening(Barrier &barrier, Recorder &recorder, Cause cause, uint16_t sequence) {
  uint8_t data[7];
  barrier.openings++;
  events_keep_openings(recorder.queue, barrier.openings);
  write_u16(write_u8(write_u32(data, barrier.openings), cause), sequence);
  recorder.write(EVENT_OPENING, data, sizeof data);
}

void clear_faults(Barrier &barrier, uint16_t faults) { barrier.faults &= static_cast<uint16_t>(~faults); }

void be_down(Barrier &barrier, Recorder &recorder, Cause cause) {
  enter_state(barrier, recorder, ARM_CLOSED, cause);
  barrier.may_be_descending = barrier.lower_requested = barrier.under_way = false;
  clear_faults(barrier, FAULT_OPEN_TOO_LONG);
}

void be_up(Barrier &barrier, Recorder &recorder, Cause cause) {
  enter_state(barrier, recorder, ARM_OPEN, cause);
  barrier.may_be_descending = false;
  barrier.open_at = recorder.now;
}

void arrive_down(Barrier &barrier, Recorder &recorder) {
  if (barrier.state == ARM_LOWERING) clear_faults(barrier, FAULT_RAISE_TIMEOUT | FAULT_LOWER_TIMEOUT);
  be_down(barrier, recorder, barrier.state == ARM_OPEN ? CAUSE_UNEXPLAINED : CAUSE_LIMIT_SWITCH);
}

void arrive_up(Barrier &barrier, Recorder &recorder) {
  if (barrier.state == ARM_RAISING) clear_faults(barrier, FAULT_RAISE_TIMEOUT | FAULT_LOWER_TIMEOUT);
  be_up(barrier, recorder, barrier.state == ARM_CLOSED ? CAUSE_UNEXPLAINED : CAUSE_LIMIT_SWITCH);
}

/** A reset hit between the raise pulse and the arm leaving its switch: counted once already. */
bool continues_recorded_raise(Barrier &barrier, uint32_t now) {
  const bool recorded = barrier.raise_recorded && now - barrier.started_at < barrier.settings.motion_timeout;
  barrier.raise_recorded = false;
  return recorded;
}

/** The arm moves and nobody asked: a hand, a crank, the motor's own remote control. It may come down as well as up. */
void leave_limits(Barrier &barrier, Recorder &recorder) {
  if (barrier.state != ARM_CLOSED && barrier.state != ARM_OPEN) return;
  barrier.driven = false;
  barrier.may_be_descending = true;
  barrier.motion_at = recorder.now;
  if (barrier.state == ARM_OPEN) return enter_state(barrier, recorder, ARM_LOWERING, CAUSE_UNEXPLAINED);
  barrier.minimum_open = 0;
  await_vehicle(barrier, 1, false);
  if (continues_recorded_raise(barrier, recorder.now)) return enter_state(barrier, recorder, ARM_RAISING, CAUSE_COMMAND);
  count_opening(barrier, recorder, CAUSE_UNEXPLAINED, 0);
  enter_state(barrier, recorder, ARM_RAISING, CAUSE_UNEXPLAINED);
}

} // namespace

void enter_state(Barrier &barrier, Recorder &recorder, ArmState state, Cause cause) {
  if (state == barrier.state) return;
  const uint8_t data[3] = {state, barrier.state, cause};
  if (barrier.state == ARM_CLOSED) barrier.left_closed_at = recorder.now;
  barrier.state = state;
  recorder.write(EVENT_STATE, data, sizeof data);
}

void await_vehicle(Barrier &barrier, uint8_t vehicles, bool closes_unused) {
  barrier.awaited = vehicles;
  barrier.passed = false;
  barrier.closes_unused = closes_unused;
}

void raise(Barrier &barrier, Recorder &recorder, Cause cause, uint16_t sequence) {
  if (barrier.relays.on == RELAY_LOWER) relays_off(barrier.relays, recorder.now);
  count_opening(barrier, recorder, cause, sequence);
  enter_state(barrier, recorder, ARM_RAISING, cause);
  barrier.driven = true;
  barrier.raise_recorded = false;
  barrier.lower_requested = false;
  barrier.motion_at = recorder.now;
  barrier.raise_waiting = true;
  barrier.raise_urgent = cause == CAUSE_REFLEX;
}

void pulse_waiting_raise(Barrier &barrier, uint32_t now) {
  if (!barrier.raise_waiting) return;
  if (!relays_rested(barrier.relays, now) && !(barrier.raise_urgent && relays_free(barrier.relays, now, RELAY_RAISE))) return;
  relays_pulse(barrier.relays, now, RELAY_RAISE);
  barrier.raise_waiting = barrier.may_be_descending = false;
  barrier.motion_at = now;
}

void abandon_waiting_raise(Barrier &barrier) {
  if (barrier.raise_waiting) barrier.may_be_descending = true;
  barrier.raise_waiting = false;
}

void lower(Barrier &barrier, Recorder &recorder, Cause cause) {
  enter_state(barrier, recorder, ARM_LOWERING, cause);
  barrier.driven = true;
  barrier.lower_requested = false;
  barrier.may_be_descending = true;
  barrier.motion_at = recorder.now;
  relays_pulse(barrier.relays, recorder.now, RELAY_LOWER);
}

void follow_limits(Barrier &barrier, Recorder &recorder, uint8_t raw, uint8_t inputs, uint8_t changed) {
  switch (inputs & LIMITS) {
    case LIMITS: return; // contradiction: a fault, and no reason to believe either
    case IN_LOWER_LIMIT:
      // While raising the arm is still leaving this switch, or the raise fails and times out.
      if (barrier.state != ARM_CLOSED && barrier.state != ARM_RAISING) arrive_down(barrier, recorder);
      return;
    case IN_UPPER_LIMIT:
      if (barrier.state == ARM_OPEN || barrier.raise_waiting) return;
      // Reversed just as it left: the debounced level lags behind and is no arrival.
      if (barrier.state == ARM_RAISING && !(raw & IN_UPPER_LIMIT)) return;
      // While lowering the arm is still leaving this switch, unless it has just come back to it.
      if (barrier.state == ARM_LOWERING && !(changed & IN_UPPER_LIMIT)) return;
      if (barrier.state == ARM_CLOSED) {
        count_opening(barrier, recorder, CAUSE_UNEXPLAINED, 0);
        await_vehicle(barrier, 1, false);
      }
      arrive_up(barrier, recorder);
      return;
    default: leave_limits(barrier, recorder);
  }
}

void watch_motion(Barrier &barrier, Recorder &recorder, uint8_t inputs) {
  const bool raising = barrier.state == ARM_RAISING;
  if (!raising && barrier.state != ARM_LOWERING) return;
  if (recorder.now - barrier.motion_at < barrier.settings.motion_timeout) return;
  barrier.faults |= raising ? FAULT_RAISE_TIMEOUT : FAULT_LOWER_TIMEOUT;
  abandon_waiting_raise(barrier);
  const uint8_t limits = inputs & LIMITS;
  if (raising && limits == IN_LOWER_LIMIT) be_down(barrier, recorder, CAUSE_TIMEOUT);
  else if (!raising && limits == IN_UPPER_LIMIT) be_up(barrier, recorder, CAUSE_TIMEOUT);
  else enter_state(barrier, recorder, ARM_STOPPED, CAUSE_TIMEOUT);
}

} // namespace palang
