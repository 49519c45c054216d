// What the arm does when asked. The reflexes are in reflexes_test.cpp.
#include "bench.h"
#include "check.h"

using namespace palang;
using host::Bytes;

TEST("RAISE pulses the raise relay for 400 ms and tells what happened, the record first") {
  Bench bench;
  bench.run(1);
  const uint32_t began = bench.now;
  CHECK_EQUAL(bench.command(OP_RAISE), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
  CHECK_EQUAL(bench.ask().flags & FLAG_RAISE_RELAY, FLAG_RAISE_RELAY);
  CHECK_EQUAL(bench.status.last_sequence, 1);
  while (bench.relay() == RELAY_RAISE) bench.run(1);
  CHECK_EQUAL(bench.now - began, PULSE_MS);
  CHECK(bench.last(EVENT_OPENING).data == Bytes({1, 0, 0, 0, CAUSE_COMMAND, 1, 0}));
  CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_RAISING, ARM_CLOSED, CAUSE_COMMAND}));
  CHECK(bench.last(EVENT_OPENING).sequence < bench.last(EVENT_STATE).sequence);
  bench.arm_moves_up();
  CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_OPEN, ARM_RAISING, CAUSE_LIMIT_SWITCH}));
  CHECK_EQUAL(bench.ask().openings, 1);
}

TEST("RAISE and HOLD are accepted with a vehicle on the closing loop") {
  for (Operation operation : {OP_RAISE, OP_HOLD}) {
    Bench bench;
    bench.set(IN_CLOSING, true);
    bench.run(1);
    CHECK_EQUAL(bench.command(operation), RESULT_ACCEPTED);
    CHECK_EQUAL(bench.relay(), RELAY_RAISE);
    bench.run(5);
    CHECK(bench.last(EVENT_PASSAGE).data == Bytes({PASSAGE_ENTERED}));
  }
}

TEST("RAISE with the arm up or on its way up is no second opening") {
  Bench bench;
  bench.run(1);
  bench.command(OP_RAISE);
  bench.run(500);
  bench.command(OP_RAISE);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  bench.arm_moves_up();
  bench.command(OP_RAISE);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.ask().openings, 1);
}

TEST("after a passage the board lowers by itself with the host dead, once the loop was clear for the closing delay") {
  Bench bench;
  bench.open();
  bench.pings = false;
  bench.run(3000);
  CHECK_EQUAL(bench.ask().flags & FLAG_HOLD, 0);
  bench.run(2500); // the lease is gone
  bench.set(IN_CLOSING, true);
  bench.run(1500);
  CHECK(bench.last(EVENT_PASSAGE).data == Bytes({PASSAGE_ENTERED}));
  bench.set(IN_CLOSING, false);
  const uint32_t cleared = bench.now;
  bench.run(499);
  CHECK(bench.last(EVENT_PASSAGE).data == Bytes({PASSAGE_LEFT}));
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  while (bench.relay() == RELAY_NONE && bench.now - cleared < 1000) bench.run(1);
  CHECK_EQUAL(bench.now - cleared, 500);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
  CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_LOWERING, ARM_OPEN, CAUSE_SELF_CLOSE}));
  bench.arm_moves_down();
  CHECK_EQUAL(bench.state(), ARM_CLOSED);
  CHECK_EQUAL(bench.ask().openings, 1);
}

TEST("the minimum time held open outlasts a quick passage") {
  Bench bench;
  bench.run(1);
  bench.command(OP_RAISE, 600);
  bench.arm_moves_up();
  const uint32_t up = bench.now;
  bench.set(IN_CLOSING, true);
  bench.run(300);
  bench.set(IN_CLOSING, false);
  while (bench.relay() == RELAY_NONE && bench.now - up < 10000) bench.run(1);
  CHECK(bench.now - up >= 5990 && bench.now - up <= 6000);
}

TEST("an opening that nobody used closes by itself") {
  Bench bench;
  bench.open();
  const uint32_t up = bench.now;
  while (bench.relay() == RELAY_NONE && bench.now - up < 30000) bench.run(1);
  CHECK(bench.now - up >= 19990 && bench.now - up <= 20000);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
}

TEST("an opening commanded while a vehicle passes is for the vehicle behind it") {
  Bench bench;
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(500);
  CHECK_EQUAL(bench.command(OP_RAISE), RESULT_ACCEPTED);
  bench.set(IN_CLOSING, false);
  bench.run(5000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  bench.set(IN_CLOSING, true);
  bench.run(500);
  bench.set(IN_CLOSING, false);
  bench.run(600);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
}

TEST("without the self-closing profile the arm stays up until asked") {
  Bench bench;
  bench.send(host::settings(50, 60000, 800, 200, 0));
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(500);
  bench.set(IN_CLOSING, false);
  bench.run(100000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
}

TEST("a request to lower waits for the loop, for ten seconds") {
  Bench bench;
  bench.send(host::settings(50, 60000, 800, 60000, 0));
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(10);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.ask().flags & FLAG_LOWER_REQUESTED, FLAG_LOWER_REQUESTED);
  bench.run(5000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  bench.set(IN_CLOSING, false);
  bench.run(510);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
  bench.arm_moves_down();
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(10);
  bench.command(OP_LOWER);
  bench.run(10001);
  CHECK_EQUAL(bench.ask().flags & FLAG_LOWER_REQUESTED, 0);
  bench.set(IN_CLOSING, false);
  bench.run(5000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
}

TEST("a request to lower does not start without the host's lease") {
  Bench bench;
  bench.send(host::settings(50, 60000, 800, 60000, 0));
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(10);
  bench.command(OP_LOWER);
  bench.pings = false;
  bench.run(3000);
  bench.set(IN_CLOSING, false);
  bench.run(6000);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
}

TEST("HOLD stays up through passages, requests and time; RELEASE lowers") {
  Bench bench;
  bench.run(1);
  CHECK_EQUAL(bench.command(OP_HOLD), RESULT_ACCEPTED);
  bench.arm_moves_up();
  CHECK_EQUAL(bench.ask().flags & FLAG_HOLD, FLAG_HOLD);
  bench.set(IN_CLOSING, true);
  bench.run(500);
  bench.set(IN_CLOSING, false);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_ACCEPTED);
  bench.run(130000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
  CHECK_EQUAL(bench.ask().faults, FAULT_OPEN_TOO_LONG);
  CHECK_EQUAL(bench.command(OP_RELEASE), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
  bench.arm_moves_down();
  CHECK_EQUAL(bench.ask().faults, 0);
  CHECK_EQUAL(bench.status.flags & FLAG_HOLD, 0);
}

TEST("a hold outlives an external reset") {
  Bench bench;
  bench.run(1);
  bench.command(OP_HOLD);
  bench.arm_moves_up();
  bench.boot = 8;
  bench.reset();
  bench.run(1);
  CHECK_EQUAL(bench.ask().flags & FLAG_HOLD, FLAG_HOLD);
  bench.set(IN_CLOSING, true);
  bench.run(500);
  bench.set(IN_CLOSING, false);
  bench.run(60000);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
}

TEST("STOP drops the relays, forgets requests and keeps the board from closing by itself at once") {
  Bench bench;
  bench.open();
  bench.set(IN_CLOSING, true);
  bench.run(300);
  bench.set(IN_CLOSING, false);
  bench.run(510);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
  bench.set(IN_UPPER_LIMIT, false);
  bench.run(100);
  CHECK_EQUAL(bench.command(OP_STOP), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.state(), ARM_STOPPED);
  bench.run(60000);
  CHECK_EQUAL(bench.state(), ARM_STOPPED);
  CHECK_EQUAL(bench.command(OP_LOWER), RESULT_ACCEPTED);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
}

TEST("RAISE while lowering drops the lower relay at once and reverses when the relays have rested") {
  Bench bench;
  bench.send(host::settings(50, 60000, 800, 60000, 0));
  bench.open();
  bench.run(300);
  bench.command(OP_LOWER);
  CHECK_EQUAL(bench.relay(), RELAY_LOWER);
  bench.run(100);
  bench.command(OP_RAISE);
  CHECK_EQUAL(bench.relay(), RELAY_NONE);
  CHECK_EQUAL(bench.state(), ARM_RAISING);
  const uint32_t dropped = bench.now;
  while (bench.relay() == RELAY_NONE && bench.now - dropped < 1000) bench.run(1);
  CHECK_EQUAL(bench.now - dropped, PULSE_GAP_MS);
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("an arm that is lifted by hand is an opening without a cause") {
  Bench bench;
  bench.run(1);
  bench.set(IN_LOWER_LIMIT, false);
  bench.run(40);
  CHECK(bench.last(EVENT_OPENING).data == Bytes({1, 0, 0, 0, CAUSE_UNEXPLAINED, 0, 0}));
  CHECK(bench.last(EVENT_STATE).data == Bytes({ARM_RAISING, ARM_CLOSED, CAUSE_UNEXPLAINED}));
  bench.command(OP_RAISE); // and still obeys
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("a reset between the pulse and the arm's first move does not make two openings of one") {
  Bench bench;
  bench.run(1);
  bench.command(OP_RAISE);
  bench.run(20);
  bench.boot = 8;
  bench.reset();
  bench.run(100);
  bench.arm_moves_up();
  CHECK_EQUAL(bench.ask().openings, 1);
  CHECK_EQUAL(bench.count(EVENT_OPENING), 1);
  bench.arm_moves_down();
  CHECK_EQUAL(bench.state(), ARM_CLOSED);
  bench.set(IN_LOWER_LIMIT, false); // a hand, later
  bench.run(40);
  CHECK_EQUAL(bench.ask().openings, 2);
}

TEST("after a reset the state is read from the limit switches and nothing moves") {
  const struct {
    uint8_t limits;
    ArmState state;
  } cases[] = {{IN_LOWER_LIMIT, ARM_CLOSED}, {IN_UPPER_LIMIT, ARM_OPEN}, {0, ARM_UNKNOWN}};
  for (const auto &one : cases) {
    Bench bench;
    bench.inputs = static_cast<uint8_t>(one.limits | IN_ARM_IN_PLACE | IN_READER_IDLE);
    bench.reset();
    for (int i = 0; i < 60000; i++) {
      bench.run(1);
      CHECK_EQUAL(bench.relay(), RELAY_NONE);
    }
    CHECK_EQUAL(bench.state(), one.state);
  }
}

TEST("with the arm up after a reset the board closes behind the next vehicle") {
  Bench bench;
  bench.inputs = IN_UPPER_LIMIT | IN_ARM_IN_PLACE | IN_READER_IDLE | IN_CLOSING; // it stands there already
  bench.reset();
  bench.run(5000);
  CHECK_EQUAL(bench.ask().flags & FLAG_PASSAGE, FLAG_PASSAGE);
  bench.set(IN_CLOSING, false);
  bench.run(510);
  CHECK_EQUAL(bench.state(), ARM_LOWERING);
}
