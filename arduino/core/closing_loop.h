// Watches the closing loop's raw level: how long it has been clear, and whether its detector can be believed.
#ifndef PALANG_CLOSING_LOOP_H
#define PALANG_CLOSING_LOOP_H

#include <stdint.h>

#include "protocol.h"

namespace palang {

struct ClosingLoop {
  bool occupied;           // raw, of the last sample
  uint32_t occupied_at;    // ms, when the present occupation began
  uint32_t last_occupied;  // ms, the last sample that read occupied
  uint32_t last_edge;      // ms
  uint16_t edges[LOOP_CHATTER_EDGES + 1]; // ms, a ring of the latest
  uint8_t edge_count;
  uint8_t edge_next;
  uint16_t faults; // FAULT_LOOP_STUCK, FAULT_LOOP_CHATTERS
};

void closing_loop_start(ClosingLoop &loop, uint32_t now, bool occupied);

void closing_loop_sample(ClosingLoop &loop, uint32_t now, bool occupied);

/** True when every sample of the last `ms` read clear. */
inline bool closing_loop_clear_for(const ClosingLoop &loop, uint32_t now, uint32_t ms) {
  return !loop.occupied && now - loop.last_occupied >= ms;
}

} // namespace palang

#endif
