#include "closing_loop.h"

namespace palang {

namespace {

const uint8_t RING = LOOP_CHATTER_EDGES + 1;

/** Notes an edge; true when more than LOOP_CHATTER_EDGES of them fell into one second. */
bool note_edge(ClosingLoop &loop, uint32_t now) {
  // Entries are 16-bit: a pause empties the ring, so that none is ever old enough to look young again.
  if (now - loop.last_edge > 1000) loop.edge_count = 0;
  loop.last_edge = now;
  loop.edges[loop.edge_next] = static_cast<uint16_t>(now);
  loop.edge_next = static_cast<uint8_t>((loop.edge_next + 1) % RING);
  if (loop.edge_count < RING) loop.edge_count++;
  if (loop.edge_count < RING) return false;
  return static_cast<uint16_t>(static_cast<uint16_t>(now) - loop.edges[loop.edge_next]) <= 1000;
}

} // namespace

void closing_loop_start(ClosingLoop &loop, uint32_t now, bool occupied) {
  loop.occupied = occupied;
  loop.occupied_at = loop.last_occupied = loop.last_edge = now;
  loop.edge_count = loop.edge_next = 0;
  loop.faults = 0;
}

void closing_loop_sample(ClosingLoop &loop, uint32_t now, bool occupied) {
  if (occupied != loop.occupied) {
    if (occupied && now - loop.last_occupied >= DEBOUNCE_MS) loop.occupied_at = now;
    if (note_edge(loop, now)) loop.faults |= FAULT_LOOP_CHATTERS;
    loop.occupied = occupied;
  }
  if (occupied) {
    loop.last_occupied = now;
    if (now - loop.occupied_at > LOOP_STUCK_MS) loop.faults |= FAULT_LOOP_STUCK;
  } else if (now - loop.last_occupied >= LOOP_QUIET_MS && now - loop.last_edge >= LOOP_QUIET_MS) {
    loop.faults = 0;
  }
}

} // namespace palang
