#include "../core/inputs.h"

#include "bench.h"
#include "check.h"

using namespace palang;

TEST("levels become inputs with the sense of each pin, and a cut loop wire reads as a vehicle") {
  const uint8_t all_high = inputs_from_levels(0xFF, 0xFF);
  CHECK_EQUAL(all_high, IN_ARMING | IN_CLOSING | IN_READER_IDLE);
  const uint8_t all_low = inputs_from_levels(0x00, 0x00);
  CHECK_EQUAL(all_low, IN_LOWER_LIMIT | IN_UPPER_LIMIT | IN_BUTTON | IN_ARM_IN_PLACE);
  CHECK_EQUAL(inputs_from_levels(0x04, 0xFF) & IN_READER_IDLE, 0);
}

TEST("a loop reads occupied at once and clear after 30 quiet milliseconds") {
  for (uint8_t loop : {IN_ARMING, IN_CLOSING}) {
    Inputs inputs;
    inputs_start(inputs, 65530, 0);
    CHECK_EQUAL(inputs_sample(inputs, 65531, loop), loop);
    CHECK_EQUAL(inputs_sample(inputs, 65532, 0), 0);
    CHECK_EQUAL(inputs_sample(inputs, 65550, loop), 0); // back again: the wait starts anew
    CHECK_EQUAL(inputs_sample(inputs, 65551, 0), 0);
    CHECK_EQUAL(inputs_sample(inputs, 65580, 0), 0);
    CHECK_EQUAL(inputs_sample(inputs, 65581, 0), loop);
  }
}

TEST("switches and buttons are debounced both ways") {
  for (uint8_t bit : {IN_LOWER_LIMIT, IN_UPPER_LIMIT, IN_BUTTON, IN_ARM_IN_PLACE, IN_READER_IDLE}) {
    Inputs inputs;
    inputs_start(inputs, 0, 0);
    CHECK_EQUAL(inputs_sample(inputs, 1, bit), 0);
    CHECK_EQUAL(inputs_sample(inputs, 30, bit), 0);
    CHECK_EQUAL(inputs_sample(inputs, 31, bit), bit);
    CHECK_EQUAL(inputs_sample(inputs, 40, 0), 0);
    CHECK_EQUAL(inputs_sample(inputs, 69, 0), 0);
    CHECK_EQUAL(inputs_sample(inputs, 70, 0), bit);
  }
}

TEST("inputs and the button are reported as they change, and not at the start") {
  Bench bench;
  bench.set(IN_ARMING, true);
  bench.reset();
  bench.run(100);
  CHECK_EQUAL(bench.events.size(), 0);
  bench.set(IN_BUTTON, true);
  bench.run(40);
  CHECK_EQUAL(bench.last(EVENT_INPUT).data.at(1), IN_BUTTON);
  CHECK_EQUAL(bench.last(EVENT_INPUT).data.at(0), bench.inputs);
  CHECK_EQUAL(bench.count(EVENT_BUTTON), 1);
  bench.set(IN_BUTTON, false);
  bench.run(40);
  CHECK_EQUAL(bench.count(EVENT_BUTTON), 1);
}
