// The two relays, energised only by pulses timed here and never together.
#ifndef PALANG_RELAYS_H
#define PALANG_RELAYS_H

#include <stdint.h>

#include "protocol.h"

namespace palang {

enum Relay : uint8_t { RELAY_NONE = 0, RELAY_RAISE = 1, RELAY_LOWER = 2 };

struct Relays {
  Relay on;         // one variable, so that "both" cannot be expressed
  Relay last;       // the relay of the latest pulse
  uint32_t on_at;   // ms
  uint32_t off_at;  // ms, end of the latest pulse
};

void relays_start(Relays &relays, uint32_t now);

/** Ends a pulse that has lasted PULSE_MS. */
void relays_tick(Relays &relays, uint32_t now);

/** Drops whatever is energised. */
void relays_off(Relays &relays, uint32_t now);

/** True when both relays have been off for PULSE_GAP_MS: plugging a motor between its directions burns contacts. */
bool relays_rested(const Relays &relays, uint32_t now);

/**
 * True when a pulse of this relay may start in an emergency: at once, unless its own previous pulse has not visibly ended
 * (two pulses without a gap would be one that is too long).
 */
bool relays_free(const Relays &relays, uint32_t now, Relay relay);

/** Starts a pulse now, dropping the other relay first. Call only after relays_rested() or relays_free(). */
void relays_pulse(Relays &relays, uint32_t now, Relay relay);

} // namespace palang

#endif
