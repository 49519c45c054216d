#include "../core/command_gate.h"

#include "bench.h"
#include "check.h"

using namespace palang;

namespace {

const uint32_t NOW = 100000;

struct Case {
  const char *why;
  uint32_t boot;
  uint16_t sequence;
  uint8_t operation;
  uint32_t stamp;
  uint16_t ttl;
  bool lease;
  uint16_t faults;
  uint8_t result;
};

// The last command executed before each case has sequence 10.
const Case CASES[] = {
    {"fresh", 7, 11, OP_RAISE, NOW, 1000, true, 0, RESULT_ACCEPTED},
    {"as old as it may be", 7, 11, OP_RAISE, NOW - 1000, 1000, true, 0, RESULT_ACCEPTED},
    {"slightly ahead", 7, 11, OP_RAISE, NOW + 50, 1000, true, 0, RESULT_ACCEPTED},
    {"numbers may be left out", 7, 500, OP_RAISE, NOW, 1000, true, 0, RESULT_ACCEPTED},
    {"another boot", 8, 11, OP_RAISE, NOW, 1000, true, 0, RESULT_STALE_BOOT},
    {"another boot goes before all else", 8, 10, 99, 0, 0, false, 3, RESULT_STALE_BOOT},
    {"repeated", 7, 10, OP_RAISE, NOW, 1000, true, 0, RESULT_ACCEPTED | RESULT_DUPLICATE_BIT},
    {"repeated when it has long expired", 7, 10, OP_RAISE, 0, 1, false, 3, RESULT_ACCEPTED | RESULT_DUPLICATE_BIT},
    {"older number", 7, 9, OP_RAISE, NOW, 1000, true, 0, RESULT_OLD_SEQUENCE},
    {"older number across the wrap", 7, 65000, OP_RAISE, NOW, 1000, true, 0, RESULT_OLD_SEQUENCE},
    {"expired", 7, 11, OP_RAISE, NOW - 1001, 1000, true, 0, RESULT_EXPIRED},
    {"ten seconds late with the longest ttl", 7, 11, OP_RAISE, NOW - 10000, 65535, true, 0, RESULT_EXPIRED},
    {"five seconds is the most", 7, 11, OP_RAISE, NOW - 5001, 65535, true, 0, RESULT_EXPIRED},
    {"from the future", 7, 11, OP_RAISE, NOW + 51, 1000, true, 0, RESULT_EXPIRED},
    {"from the far future", 7, 11, OP_RAISE, NOW + 0x90000000u, 1000, true, 0, RESULT_EXPIRED},
    {"no lease", 7, 11, OP_RAISE, NOW, 1000, false, 0, RESULT_NO_LEASE},
    {"expired goes before no lease", 7, 11, OP_RAISE, 0, 1000, false, 0, RESULT_EXPIRED},
    {"both limits", 7, 11, OP_RAISE, NOW, 1000, true, FAULT_BOTH_LIMITS, RESULT_FAULT},
    {"arm broken", 7, 11, OP_LOWER, NOW, 1000, true, FAULT_ARM_BROKEN, RESULT_FAULT},
    {"stopping is always allowed", 7, 11, OP_STOP, NOW, 1000, true, FAULT_ARM_BROKEN, RESULT_ACCEPTED},
    {"an earlier timeout does not forbid", 7, 11, OP_RAISE, NOW, 1000, true, FAULT_RAISE_TIMEOUT, RESULT_ACCEPTED},
    {"unknown", 7, 11, 6, NOW, 1000, true, 0, RESULT_UNKNOWN_OPERATION},
    {"zero", 7, 11, 0, NOW, 1000, true, 0, RESULT_UNKNOWN_OPERATION},
};

CommandGate gate_after_ten() {
  CommandGate gate;
  command_gate_start(gate, 7);
  command_gate_renew_lease(gate, NOW);
  CHECK_EQUAL(command_gate_check(gate, NOW, 0, Command{7, 10, OP_STOP, NOW, 1000, 0}), RESULT_ACCEPTED);
  return gate;
}

} // namespace

TEST("each command gets the first reason that applies") {
  for (const Case &one : CASES) {
    CommandGate gate = gate_after_ten();
    gate.lease_alive = one.lease;
    const Command command = {one.boot, one.sequence, one.operation, one.stamp, one.ttl, 0};
    const uint8_t result = command_gate_check(gate, NOW, one.faults, command);
    if (result != one.result) std::printf("  %s:\n", one.why);
    CHECK_EQUAL(result, one.result);
    CHECK_EQUAL(gate.last_sequence, one.result == RESULT_ACCEPTED ? one.sequence : 10);
  }
}

TEST("a refused command may be tried again under the same number") {
  CommandGate gate = gate_after_ten();
  CHECK_EQUAL(command_gate_check(gate, NOW, FAULT_BOTH_LIMITS, Command{7, 11, OP_RAISE, NOW, 1000, 0}), RESULT_FAULT);
  CHECK_EQUAL(command_gate_check(gate, NOW, 0, Command{7, 11, OP_RAISE, NOW, 1000, 0}), RESULT_ACCEPTED);
}

TEST("any first number is accepted after a start, and a stamp across the wrap of the clock is fresh") {
  CommandGate gate;
  command_gate_start(gate, 7);
  command_gate_renew_lease(gate, 10);
  CHECK_EQUAL(command_gate_check(gate, 10, 0, Command{7, 60000, OP_RAISE, 0xFFFFFFFF, 1000, 0}), RESULT_ACCEPTED);
  CHECK_EQUAL(command_gate_check(gate, 10, 0, Command{7, 10, OP_RAISE, 10, 1000, 0}), RESULT_ACCEPTED);
}

TEST("the lease ends two seconds after the last ping and no later wrap brings it back") {
  CommandGate gate;
  command_gate_start(gate, 7);
  command_gate_renew_lease(gate, NOW);
  command_gate_tick(gate, NOW + 1999);
  CHECK(command_gate_lease_alive(gate));
  command_gate_tick(gate, NOW + 2000);
  CHECK(!command_gate_lease_alive(gate));
  command_gate_tick(gate, NOW);
  CHECK(!command_gate_lease_alive(gate));
}

TEST("the twenty-first raise within a minute is refused, holding included") {
  CommandGate gate;
  command_gate_start(gate, 7);
  command_gate_renew_lease(gate, NOW);
  for (uint16_t i = 1; i <= 20; i++) {
    const Operation operation = i % 2 ? OP_RAISE : OP_HOLD;
    CHECK_EQUAL(command_gate_check(gate, NOW + i, 0, Command{7, i, operation, NOW + i, 1000, 0}), RESULT_ACCEPTED);
  }
  CHECK_EQUAL(command_gate_check(gate, NOW + 60000, 0, Command{7, 21, OP_RAISE, NOW + 60000, 1000, 0}), RESULT_RATE_LIMITED);
  CHECK_EQUAL(command_gate_check(gate, NOW + 60000, 0, Command{7, 22, OP_LOWER, NOW + 60000, 1000, 0}), RESULT_ACCEPTED);
  CHECK_EQUAL(command_gate_check(gate, NOW + 60001, 0, Command{7, 23, OP_RAISE, NOW + 60001, 1000, 0}), RESULT_ACCEPTED);
}

TEST("a repeated command moves the arm once") {
  Bench bench;
  bench.run(1);
  const host::Bytes raise = host::command({7, 1, OP_RAISE, bench.now, 5000, 0});
  bench.send(raise);
  bench.run(700);
  bench.send(raise);
  bench.pass();
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.others.back().payload.at(6), RESULT_ACCEPTED | RESULT_DUPLICATE_BIT);
  CHECK_EQUAL(bench.count(EVENT_OPENING), 1);
}

TEST("a command delivered ten seconds late moves nothing") {
  Bench bench;
  bench.run(1);
  const host::Bytes raise = host::command({7, 1, OP_RAISE, bench.now, 65535, 0});
  bench.run(10000);
  bench.send(raise);
  bench.pass();
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.others.back().payload.at(6), RESULT_EXPIRED);
}
