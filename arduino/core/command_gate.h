// Decides whether a host's command may be executed: right boot, new, fresh, by a living host, not forbidden, known.
#ifndef PALANG_COMMAND_GATE_H
#define PALANG_COMMAND_GATE_H

#include <stdint.h>

#include "protocol.h"

namespace palang {

struct Command {
  uint32_t boot;
  uint16_t sequence;
  uint8_t operation;
  uint32_t stamp;    // ms, an uptime of this board
  uint16_t ttl;      // ms
  uint16_t argument; // RAISE: minimum time held open, units of 10 ms
};

struct CommandGate {
  uint32_t boot;
  bool lease_alive;
  uint32_t lease_at; // ms, the latest PING
  bool executed_any;
  uint16_t last_sequence; // of the latest command executed
  uint8_t last_result;
  uint32_t raises[MAX_RAISES_PER_MINUTE]; // ms, a ring of the latest
  uint8_t raise_count;
  uint8_t raise_next;
};

void command_gate_start(CommandGate &gate, uint32_t boot);

/** A PING came. */
void command_gate_renew_lease(CommandGate &gate, uint32_t now);

/** To be called at each pass: a lease that ran out stays so, even when the clock has gone once around. */
void command_gate_tick(CommandGate &gate, uint32_t now);

inline bool command_gate_lease_alive(const CommandGate &gate) { return gate.lease_alive; }

/**
 * The result to answer with. Exactly RESULT_ACCEPTED means: execute it now; the gate has noted it as executed. Refused
 * commands leave no trace, so that the same sequence number may be tried again with a fresh stamp.
 */
uint8_t command_gate_check(CommandGate &gate, uint32_t now, uint16_t faults, const Command &command);

} // namespace palang

#endif
