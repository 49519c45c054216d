#include "barrier.h"

#include "little_endian.h"
#include "motion.h"

namespace palang {

namespace {

void note_passage(Barrier &barrier, Recorder &recorder, uint8_t kind) {
  barrier.under_way = kind == PASSAGE_ENTERED;
  recorder.write(EVENT_PASSAGE, &kind, 1);
}

void watch_passage(Barrier &barrier, Recorder &recorder, uint8_t inputs, uint8_t changed) {
  const bool occupied = (inputs & IN_CLOSING) != 0;
  if (barrier.state == ARM_CLOSED) return;
  if (occupied && !barrier.under_way) note_passage(barrier, recorder, PASSAGE_ENTERED);
  if (occupied || !barrier.under_way || !(changed & IN_CLOSING)) return;
  note_passage(barrier, recorder, PASSAGE_LEFT);
  barrier.open_at = barrier.awaited > 1 ? recorder.now : barrier.open_at;
  if (barrier.awaited > 0) barrier.awaited--;
  barrier.passed = barrier.awaited == 0;
}

void watch_faults(Barrier &barrier, uint32_t now, uint8_t inputs) {
  uint16_t level = barrier.loop.faults;
  if ((inputs & LIMITS) == LIMITS) level |= FAULT_BOTH_LIMITS;
  if (!(inputs & IN_ARM_IN_PLACE)) level |= FAULT_ARM_BROKEN;
  const uint16_t latched = FAULT_RAISE_TIMEOUT | FAULT_LOWER_TIMEOUT | FAULT_OPEN_TOO_LONG | FAULT_COUNTER_UNREADABLE;
  barrier.faults = static_cast<uint16_t>((barrier.faults & latched) | level);
  if (barrier.state != ARM_CLOSED && now - barrier.left_closed_at >= barrier.settings.max_open) {
    barrier.faults |= FAULT_OPEN_TOO_LONG;
  }
}

/** A raise pulse under way may finish with contradicting limits: it can be the answer to an obstruction. */
void drop_forbidden_motion(Barrier &barrier, uint32_t now) {
  const bool broken = (barrier.faults & FAULT_ARM_BROKEN) != 0;
  if (!(barrier.faults & FAULTS_FORBID_MOTION)) return;
  if (broken || !barrier.raise_urgent) abandon_waiting_raise(barrier);
  if (broken || barrier.relays.on == RELAY_LOWER) relays_off(barrier.relays, now);
}

void reopen_on_obstruction(Barrier &barrier, Recorder &recorder) {
  if (!barrier.loop.occupied) return;
  if (barrier.relays.on == RELAY_LOWER) relays_off(barrier.relays, recorder.now);
  if (barrier.faults & FAULT_ARM_BROKEN) return;
  if (barrier.raise_waiting) barrier.raise_urgent = true; // on its way already: only without resting the relays
  else if (barrier.may_be_descending) raise(barrier, recorder, CAUSE_REFLEX, 0);
}

bool may_lower(const Barrier &barrier, uint32_t now) {
  if (!closing_loop_clear_for(barrier.loop, now, barrier.settings.closing_delay)) return false;
  return !(barrier.faults & FAULTS_FORBID_CLOSING) && relays_rested(barrier.relays, now) && !barrier.hold;
}

bool wants_to_close_itself(const Barrier &barrier, uint32_t now) {
  if (barrier.state != ARM_OPEN || !(barrier.settings.profile & PROFILE_SELF_CLOSE) || barrier.under_way) return false;
  const uint32_t open_for = now - barrier.open_at;
  if (open_for < barrier.minimum_open) return false;
  return barrier.passed || (barrier.closes_unused && open_for >= barrier.settings.unused_open);
}

void close_when_allowed(Barrier &barrier, Recorder &recorder, bool lease) {
  if (barrier.lower_requested && recorder.now - barrier.requested_at >= STANDING_REQUEST_MS) barrier.lower_requested = false;
  if (!may_lower(barrier, recorder.now)) return;
  const bool still = barrier.state == ARM_OPEN || barrier.state == ARM_STOPPED || barrier.state == ARM_UNKNOWN;
  if (barrier.lower_requested && lease && still) lower(barrier, recorder, CAUSE_COMMAND);
  else if (wants_to_close_itself(barrier, recorder.now)) lower(barrier, recorder, CAUSE_SELF_CLOSE);
}

void request_raise(Barrier &barrier, Recorder &recorder, uint16_t sequence) {
  barrier.lower_requested = false;
  barrier.open_at = recorder.now;
  const bool on_its_way = barrier.state == ARM_RAISING && barrier.driven;
  if (barrier.state != ARM_OPEN && !on_its_way) raise(barrier, recorder, CAUSE_COMMAND, sequence);
}

void request_lower(Barrier &barrier, uint32_t now) {
  barrier.lower_requested = barrier.state != ARM_CLOSED;
  barrier.requested_at = now;
}

void report_faults(Barrier &barrier, Recorder &recorder) {
  if (barrier.faults == barrier.reported_faults) return;
  uint8_t data[4];
  write_u16(write_u16(data, barrier.faults), barrier.faults ^ barrier.reported_faults);
  barrier.reported_faults = barrier.faults;
  recorder.write(EVENT_FAULT, data, sizeof data);
}

void stop(Barrier &barrier, Recorder &recorder) {
  relays_off(barrier.relays, recorder.now);
  barrier.lower_requested = false;
  abandon_waiting_raise(barrier);
  await_vehicle(barrier, 1, false); // or it would lower by itself in the next pass
  if (barrier.state == ARM_RAISING || barrier.state == ARM_LOWERING) enter_state(barrier, recorder, ARM_STOPPED, CAUSE_COMMAND);
}

} // namespace

void barrier_start(Barrier &barrier, uint32_t now, uint8_t inputs, uint32_t openings, uint8_t kept) {
  const uint8_t limits = inputs & LIMITS;
  barrier.state = limits == IN_LOWER_LIMIT ? ARM_CLOSED : limits == IN_UPPER_LIMIT ? ARM_OPEN : ARM_UNKNOWN;
  barrier.settings = settings_default();
  relays_start(barrier.relays, now);
  closing_loop_start(barrier.loop, now, (inputs & IN_CLOSING) != 0);
  barrier.faults = barrier.reported_faults = 0;
  barrier.openings = openings;
  barrier.hold = (kept & KEPT_HOLD) && barrier.state != ARM_CLOSED;
  barrier.raise_recorded = (kept & KEPT_RAISING) != 0;
  barrier.lower_requested = barrier.raise_waiting = barrier.raise_urgent = barrier.driven = false;
  // The reset may have hit while the arm came down, and the operator's motor goes on without us.
  barrier.may_be_descending = barrier.state == ARM_UNKNOWN;
  barrier.under_way = barrier.state != ARM_CLOSED && (inputs & IN_CLOSING);
  await_vehicle(barrier, 1, false);
  barrier.started_at = barrier.motion_at = barrier.open_at = barrier.left_closed_at = barrier.requested_at = now;
  barrier.minimum_open = 0;
}

uint8_t barrier_kept(const Barrier &barrier) {
  const bool raising = barrier.state == ARM_RAISING && barrier.driven;
  return static_cast<uint8_t>((barrier.hold ? KEPT_HOLD : 0) | (raising ? KEPT_RAISING : 0));
}

void barrier_command(Barrier &barrier, Recorder &recorder, Operation operation, uint16_t argument, uint16_t sequence) {
  switch (operation) {
    case OP_RAISE:
      // A vehicle that is passing was let in by an earlier command: this one is for the vehicle behind it.
      await_vehicle(barrier, barrier.state != ARM_CLOSED && barrier.under_way ? 2 : 1, true);
      barrier.minimum_open = static_cast<uint32_t>(argument) * 10;
      request_raise(barrier, recorder, sequence);
      return;
    case OP_HOLD:
      barrier.hold = true;
      await_vehicle(barrier, 0, false);
      request_raise(barrier, recorder, sequence);
      return;
    case OP_RELEASE:
      barrier.hold = false;
      barrier.passed = true;
      barrier.minimum_open = 0;
      request_lower(barrier, recorder.now);
      return;
    case OP_LOWER: request_lower(barrier, recorder.now); return;
    case OP_STOP: stop(barrier, recorder); return;
  }
}

void barrier_tick(Barrier &barrier, Recorder &recorder, uint8_t raw, uint8_t inputs, uint8_t changed, bool lease) {
  closing_loop_sample(barrier.loop, recorder.now, (raw & IN_CLOSING) != 0);
  watch_faults(barrier, recorder.now, inputs);
  relays_tick(barrier.relays, recorder.now);
  drop_forbidden_motion(barrier, recorder.now);
  follow_limits(barrier, recorder, raw, inputs, changed);
  reopen_on_obstruction(barrier, recorder);
  pulse_waiting_raise(barrier, recorder.now);
  watch_motion(barrier, recorder, inputs);
  watch_passage(barrier, recorder, inputs, changed);
  close_when_allowed(barrier, recorder, lease);
  report_faults(barrier, recorder);
}

} // namespace palang
