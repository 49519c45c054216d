#include "relays.h"

namespace palang {

void relays_start(Relays &relays, uint32_t now) {
  relays.on = relays.last = RELAY_NONE;
  relays.on_at = relays.off_at = now;
}

void relays_tick(Relays &relays, uint32_t now) {
  if (relays.on != RELAY_NONE && now - relays.on_at >= PULSE_MS) relays_off(relays, now);
}

void relays_off(Relays &relays, uint32_t now) {
  if (relays.on == RELAY_NONE) return;
  relays.on = RELAY_NONE;
  relays.off_at = now;
}

bool relays_rested(const Relays &relays, uint32_t now) {
  if (relays.last == RELAY_NONE) return true;
  return relays.on == RELAY_NONE && now - relays.off_at >= PULSE_GAP_MS;
}

bool relays_free(const Relays &relays, uint32_t now, Relay relay) {
  return relays.on != relay && (relays.last != relay || now != relays.off_at);
}

void relays_pulse(Relays &relays, uint32_t now, Relay relay) {
  relays_off(relays, now);
  relays.on = relays.last = relay;
  relays.on_at = now;
}

} // namespace palang
