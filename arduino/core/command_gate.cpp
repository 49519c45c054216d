#include "command_gate.h"

namespace palang {

namespace {

bool expired(uint32_t now, const Command &command) {
  const int32_t age = static_cast<int32_t>(now - command.stamp);
  if (age < -static_cast<int32_t>(STAMP_AHEAD_MS)) return true;
  const uint32_t allowed = command.ttl < MAX_COMMAND_AGE_MS ? command.ttl : MAX_COMMAND_AGE_MS;
  return age > static_cast<int32_t>(allowed);
}

bool raises(uint8_t operation) { return operation == OP_RAISE || operation == OP_HOLD; }

bool known(uint8_t operation) { return operation >= OP_RAISE && operation <= OP_STOP; }

/** False when this would be one raise too many within a minute. */
bool note_raise(CommandGate &gate, uint32_t now) {
  const uint8_t full = MAX_RAISES_PER_MINUTE;
  if (gate.raise_count == full && now - gate.raises[gate.raise_next] < 60000) return false;
  gate.raises[gate.raise_next] = now;
  gate.raise_next = static_cast<uint8_t>((gate.raise_next + 1) % full);
  if (gate.raise_count < full) gate.raise_count++;
  return true;
}

} // namespace

void command_gate_start(CommandGate &gate, uint32_t boot) {
  gate.boot = boot;
  gate.lease_alive = gate.executed_any = false;
  gate.lease_at = 0;
  gate.last_sequence = 0;
  gate.last_result = RESULT_ACCEPTED;
  gate.raise_count = gate.raise_next = 0;
}

void command_gate_renew_lease(CommandGate &gate, uint32_t now) {
  gate.lease_alive = true;
  gate.lease_at = now;
}

void command_gate_tick(CommandGate &gate, uint32_t now) {
  if (now - gate.lease_at >= LEASE_MS) gate.lease_alive = false;
}

uint8_t command_gate_check(CommandGate &gate, uint32_t now, uint16_t faults, const Command &command) {
  if (command.boot != gate.boot) return RESULT_STALE_BOOT;
  if (gate.executed_any) {
    const int16_t ahead = static_cast<int16_t>(command.sequence - gate.last_sequence);
    if (ahead == 0) return gate.last_result | RESULT_DUPLICATE_BIT;
    if (ahead < 0) return RESULT_OLD_SEQUENCE;
  }
  if (expired(now, command)) return RESULT_EXPIRED;
  if (!gate.lease_alive) return RESULT_NO_LEASE;
  if (known(command.operation) && command.operation != OP_STOP && (faults & FAULTS_FORBID_MOTION)) return RESULT_FAULT;
  if (!known(command.operation)) return RESULT_UNKNOWN_OPERATION;
  if (raises(command.operation) && !note_raise(gate, now)) return RESULT_RATE_LIMITED;
  gate.executed_any = true;
  gate.last_sequence = command.sequence;
  gate.last_result = RESULT_ACCEPTED;
  return RESULT_ACCEPTED;
}

} // namespace palang
