// The barrier: what the arm is believed to do, and the reflexes. Everything that may move the arm is decided here.
#ifndef PALANG_BARRIER_H
#define PALANG_BARRIER_H

#include <stdint.h>

#include "closing_loop.h"
#include "protocol.h"
#include "recorder.h"
#include "relays.h"

namespace palang {

/** All in ms, within the ranges that settings_limit() enforces. */
struct Settings {
  uint32_t closing_delay;
  uint32_t max_open;
  uint32_t motion_timeout;
  uint32_t unused_open;
  uint8_t profile;
};

Settings settings_default();

/** Brings every value into its range: no host, however wrong, can make the board close without waiting. */
Settings settings_limit(const Settings &settings);

const uint8_t LIMITS = IN_LOWER_LIMIT | IN_UPPER_LIMIT;

/** What a barrier leaves to the boot after it. */
enum KeptBit : uint8_t { KEPT_HOLD = 1 << 0, KEPT_RAISING = 1 << 1 };

struct Barrier {
  ArmState state;
  Settings settings;
  Relays relays;
  ClosingLoop loop;
  uint16_t faults;
  uint16_t reported_faults; // what the latest FAULT event said
  uint32_t openings;

  bool hold;
  bool lower_requested;
  bool raise_waiting;   // a raise was decided and waits for the relays to rest
  bool raise_urgent;    // it answers an obstruction and does not wait for that
  bool raise_recorded;  // the boot before this one recorded an opening whose motion may only now begin
  bool driven;          // the motion under way was pulsed by us
  bool may_be_descending; // the arm could be coming down: the obstruction reflex is armed
  bool under_way;       // a vehicle is on the closing loop with the arm not down
  bool passed;          // the awaited vehicles have passed
  bool closes_unused;   // lowers by itself when nobody comes
  uint8_t awaited;      // vehicles still expected under this opening
  uint32_t started_at;  // ms
  uint32_t motion_at;   // ms, when the motion under way began
  uint32_t open_at;     // ms, when the arm got up, or was asked to stay up again
  uint32_t left_closed_at; // ms
  uint32_t requested_at;   // ms, of the standing request to lower
  uint32_t minimum_open;   // ms
};

/** Reads the state from the limit switches. `kept` (KeptBit) is what the boot before this one left behind. */
void barrier_start(Barrier &barrier, uint32_t now, uint8_t inputs, uint32_t openings, uint8_t kept);

/** KeptBit, to be remembered across a reset. */
uint8_t barrier_kept(const Barrier &barrier);

/** Executes a command that the command gate let through. */
void barrier_command(Barrier &barrier, Recorder &recorder, Operation operation, uint16_t argument, uint16_t sequence);

/**
 * One pass. `raw` are the inputs as they read now, `inputs` the debounced ones, `changed` those of them that changed in this
 * pass. Afterwards `relays.on` is what the pins must show.
 */
void barrier_tick(Barrier &barrier, Recorder &recorder, uint8_t raw, uint8_t inputs, uint8_t changed, bool lease);

} // namespace palang

#endif
