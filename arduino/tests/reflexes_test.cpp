// What the board does by itself to protect people, vehicles and the motor.
#include "bench.h"
#include "check.h"

using namespace palang;
using host::Bytes;

namespace {

/** The arm on its way down, `into` ms after the lower pulse began. */
void lowering(Bench &bench, uint32_t into) {
  bench.send(host::settings(50, 60000, 800, 60000, 1));
  bench.open();
  bench.run(500);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
  bench.set(IN_UPPER_LIMIT, false);
  bench.run(into);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
}

} // namespace

TEST("an obstruction while lowering re-opens in the same pass, whether the pulse is still on or long over") {
  for (uint32_t into : {1u, 200u, 399u, 401u, 3000u, 7000u}) {
    Bench bench;
    lowering(bench, into);
    bench.set(IN_CLOSING, true);
    bench.run(1);
    CHECK_EQUAL(bench.relay(), RELAY_RAISE);
    bench.run(5); // events go out one a pass
    CHECK(bench.last(EVENT_OPENING).data == Bytes({2, 0, 0, 0, CAUSE_REFLEX, 0, 0}));
    CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_RAISING, ARM_LOWERING, CAUSE_REFLEX}));
  }
}

TEST("a flicker of one sample is obstruction enough, with the host dead") {
  Bench bench;
  lowering(bench, 1000);
  bench.pings = false;
  bench.run(3000);
  bench.set(IN_CLOSING, true);
  bench.run(1);
  bench.set(IN_CLOSING, false);
  bench.run(1);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("after an obstruction has left the board closes again by itself") {
  Bench bench;
  lowering(bench, 1000);
  bench.set(IN_CLOSING, true);
  bench.run(1);
  bench.arm_moves_up();
  bench.run(5000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  bench.set(IN_CLOSING, false);
  bench.run(600);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
}

TEST("an arm that was stopped or timed out on its way down still re-opens on an obstruction") {
  Bench stopped;
  lowering(stopped, 1000);
  stopped.command(OP_STOP);
  stopped.set(IN_CLOSING, true);
  stopped.run(1);
  CHECK_EQUAL(stopped.relay(), RELAY_RAISE);
  Bench late;
  lowering(late, 7990);
  late.run(50);
  CHECK_EQUAL(late.state(), ARM_STOPPED);
  late.set(IN_CLOSING, true);
  late.run(1);
  CHECK_EQUAL(late.relay(), RELAY_RAISE);
}

TEST("a raise that is stopped before its pulse leaves the reflex armed") {
  Bench bench;
  lowering(bench, 100);
  bench.set(IN_LOWER_LIMIT, true); // a switch that lies: the arm is still coming down
  bench.run(40);
  CHECK_EQUAL(bench.state(), ARM_CLOSED);
  bench.set(IN_LOWER_LIMIT, false);
  CHECK_EQUAL(bench.command(OP_RAISE), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  bench.run(40);
  bench.command(OP_STOP);
  bench.set(IN_CLOSING, true);
  bench.run(1);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("an arm that comes down without being asked re-opens on an obstruction") {
  Bench bench;
  bench.open();
  bench.run(500);
  bench.set(IN_UPPER_LIMIT, false);
  bench.run(50);
  CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_LOWERING, ARM_OPEN, CAUSE_UNEXPLAINED}));
  bench.set(IN_CLOSING, true);
  bench.run(1);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("a reset on the way down re-opens on an obstruction") {
  Bench bench;
  lowering(bench, 1000);
  bench.boot = 8;
  bench.reset();
  bench.set(IN_CLOSING, true);
  bench.run(1);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("a lower pulse that outlasts a quick motion ends on an obstruction too, and opens nothing") {
  Bench bench;
  lowering(bench, 100);
  bench.set(IN_LOWER_LIMIT, true);
  bench.run(40);
  CHECK_EQUAL(bench.state(), ARM_CLOSED);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
  bench.set(IN_CLOSING, true);
  bench.run(1);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
}

TEST("a second obstruction reflex within one raise pulse neither restarts nor prolongs it") {
  Bench bench;
  lowering(bench, 500);
  bench.set(IN_CLOSING, true);
  bench.run(1);
  const uint32_t began = bench.now;
  bench.set(IN_UPPER_LIMIT, true);
  bench.run(50);
  bench.set(IN_UPPER_LIMIT, false); // it drops away again
  while (bench.relay() == RELAY_RAISE) bench.run(1);
  CHECK_EQUAL(bench.now - began, PULSE_MS);
  bench.run(2);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("a vehicle at a closed arm opens nothing") {
  Bench bench;
  bench.run(1);
  bench.set(IN_CLOSING, true);
  bench.set(IN_ARMING, true);
  bench.run(60000);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.state(), ARM_CLOSED);
  CHECK_EQUAL(bench.count(EVENT_PASSAGE), 0);
}

TEST("both limits at once is a fault that forbids motion and drops the lower relay") {
  Bench bench;
  lowering(bench, 10);
  bench.set(IN_UPPER_LIMIT, true);
  bench.set(IN_LOWER_LIMIT, true);
  bench.run(31);
  CHECK_EQUAL(bench.ask().faults, FAULT_BOTH_LIMITS);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.command(OP_RAISE), RESULT_FAULT);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_FAULT);
  bench.set(IN_CLOSING, true); // but an obstruction under a descending arm still raises it, for a whole pulse
  bench.run(1);
  const uint32_t began = bench.now;
  while (bench.relay() == RELAY_RAISE) bench.run(1);
  CHECK_EQUAL(bench.now - began, PULSE_MS);
}

TEST("a broken-off arm drops every relay and forbids everything, the reflex included") {
  Bench bench;
  lowering(bench, 10);
  bench.set(IN_ARM_IN_PLACE, false);
  bench.run(31);
  CHECK_EQUAL(bench.ask().faults, FAULT_ARM_BROKEN);
  CHECK(bench.last(EVENT_FAULT).data == Bytes({FAULT_ARM_BROKEN, 0, FAULT_ARM_BROKEN, 0}));
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  bench.set(IN_CLOSING, true);
  bench.run(100);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.command(OP_RAISE), RESULT_FAULT);
  bench.set(IN_ARM_IN_PLACE, true); // it is back, and the arm may still be coming down
  bench.run(31);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
  bench.run(5);
  CHECK(bench.last(EVENT_FAULT).data == Bytes({0, 0, FAULT_ARM_BROKEN, 0}));
}

TEST("an arm that does not get up in time is a fault, cleared by the next motion that succeeds") {
  Bench bench;
  bench.run(1);
  bench.command(OP_RAISE);
  bench.run(7999);
  CHECK_EQUAL(bench.ask().faults, 0);
  bench.run(1);
  CHECK_EQUAL(bench.ask().faults, FAULT_RAISE_TIMEOUT);
  CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_CLOSED, ARM_RAISING, CAUSE_TIMEOUT}));
  bench.open();
  CHECK_EQUAL(bench.ask().faults, 0);
}

TEST("an arm that does not get down in time is a fault and does not try again by itself") {
  Bench bench;
  lowering(bench, 7990);
  bench.run(20);
  CHECK_EQUAL(bench.ask().faults, FAULT_LOWER_TIMEOUT);
  CHECK_EQUAL(bench.state(), ARM_STOPPED);
  bench.run(60000);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_ACCEPTED);
  bench.arm_moves_down();
  CHECK_EQUAL(bench.ask().faults, 0);
}

TEST("a closing loop that stays occupied for more than ten minutes is suspect, until it was clear and quiet for two seconds") {
  Bench bench;
  bench.send(host::settings(50, 65535, 800, 60000, 1));
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(LOOP_STUCK_MS);
  CHECK_EQUAL(bench.ask().faults, 0);
  bench.run(2);
  CHECK_EQUAL(bench.ask().faults, FAULT_LOOP_STUCK);
  bench.set(IN_CLOSING, false);
  bench.run(1999);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  CHECK_EQUAL(bench.ask().faults, FAULT_LOOP_STUCK);
  bench.run(2);
  CHECK_EQUAL(bench.ask().faults, 0);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
}

TEST("a closing loop with more than ten edges in a second chatters, and ten are tolerated") {
  for (int edges : {10, 11}) {
    Bench bench;
    bench.open();
    bench.run(1500);
    for (int i = 0; i < edges; i++) {
      bench.set(IN_CLOSING, i % 2 == 0);
      bench.run(90);
    }
    bench.set(IN_CLOSING, false);
    bench.run(1);
    CHECK_EQUAL(bench.ask().faults, edges > 10 ? FAULT_LOOP_CHATTERS : 0);
    bench.run(1000);
    CHECK_EQUAL(bench.state(), edges > 10 ? ARM_OPEN : ARM_LOWERING);
    bench.run(1100);
    CHECK_EQUAL(bench.state(), ARM_LOWERING);
  }
}

TEST("an EEPROM that lost the opening counter is a fault that forbids nothing") {
  Bench bench;
  bench.run(1);
  controller_counter_failed(bench.controller);
  bench.run(1);
  CHECK(bench.last(EVENT_FAULT).data == Bytes({FAULT_COUNTER_UNREADABLE, 0, FAULT_COUNTER_UNREADABLE, 0}));
  bench.open();
  CHECK_EQUAL(bench.ask().faults, FAULT_COUNTER_UNREADABLE);
}

TEST("everything goes on rightly when the millisecond clock wraps in mid-passage") {
  Bench bench;
  bench.now = 0xFFFFFFFF - 2500;
  const uint8_t raw = bench.inputs;
  controller_start(bench.controller, *bench.kept, bench.now, StartFacts{7, 0, raw, 2, false});
  bench.send(host::ping(1));
  bench.run(1);
  CHECK_EQUAL(bench.command(OP_RAISE), RESULT_ACCEPTED);
  bench.arm_moves_up(1000);
  bench.set(IN_CLOSING, true);
  bench.run(1200);
  bench.set(IN_CLOSING, false);
  bench.run(495);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  bench.run(10);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
}
