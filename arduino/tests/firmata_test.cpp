#include "../core/firmata.h"

#include "bench.h"
#include "check.h"

using namespace palang;
using host::Bytes;

namespace {

const uint8_t SAFETY_PINS[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12};

/** What the board answers to these bytes, without what it says by itself. */
std::vector<Bytes> answers(Bench &bench, const Bytes &question) {
  bench.others.clear();
  bench.send(question);
  bench.pass();
  std::vector<Bytes> found;
  for (const host::Message &message : bench.others) found.push_back(message.payload);
  return found;
}

} // namespace

TEST("the board introduces itself at the start and when asked") {
  Bench bench;
  const Bytes firmware = {0xF0, 0x79, 1, 0, 'P', 0, 'a', 0, 'l', 0, 'a', 0, 'n', 0, 'g', 0, 'L', 0, 'a', 0, 'n', 0, 'e', 0, 0xF7};
  CHECK(bench.others.at(0).payload == Bytes({0xF9, 2, 5}));
  CHECK(bench.others.at(1).payload == firmware);
  CHECK(answers(bench, {0xF9}).at(0) == Bytes({0xF9, 2, 5}));
  CHECK(answers(bench, {0xF0, 0x79, 0xF7}).at(0) == firmware);
}

TEST("the capability answer lists no mode for a safety pin") {
  Bench bench;
  Bytes expected = {0xF0, 0x6C};
  for (int pin = 0; pin < 20; pin++) {
    if (pin == 6) expected.insert(expected.end(), {0, 1, 1, 1, 3, 8, 0x0B, 1});
    if (pin == 13) expected.insert(expected.end(), {0, 1, 1, 1, 0x0B, 1});
    if (pin >= 14) expected.insert(expected.end(), {0, 1, 1, 1, 2, 10, 0x0B, 1});
    expected.push_back(0x7F);
  }
  expected.push_back(0xF7);
  CHECK(answers(bench, {0xF0, 0x6B, 0xF7}).at(0) == expected);
}

TEST("the analog mapping names A0 to A5") {
  Bench bench;
  Bytes expected = {0xF0, 0x6A};
  for (int pin = 0; pin < 14; pin++) expected.push_back(0x7F);
  for (uint8_t channel = 0; channel < 6; channel++) expected.push_back(channel);
  expected.push_back(0xF7);
  CHECK(answers(bench, {0xF0, 0x69, 0xF7}).at(0) == expected);
}

TEST("every way of writing to a safety pin is refused and counted") {
  for (uint8_t pin : SAFETY_PINS) {
    Bench bench;
    bench.run(1);
    const uint8_t bit = static_cast<uint8_t>(1 << (pin % 8));
    const Bytes writes[] = {
        {0xF4, pin, PIN_OUTPUT},
        {0xF5, pin, 1},
        {0xF5, pin, 0},
        {static_cast<uint8_t>(0x90 | pin / 8), static_cast<uint8_t>(bit & 0x7F), static_cast<uint8_t>(bit >> 7)},
        {static_cast<uint8_t>(0xE0 | pin), 0x7F, 1},
        {0xF0, 0x6F, pin, 0x7F, 1, 0xF7},
    };
    uint8_t count = 0;
    for (const Bytes &write : writes) {
      bench.controller.firmata.dirty = 0;
      bench.send(write);
      CHECK_EQUAL(bench.controller.firmata.dirty, 0);
      CHECK_EQUAL(bench.ask().refused_writes, ++count);
      CHECK_EQUAL(bench.relay(), RELAY_NONE);
    }
    const std::vector<Bytes> state = answers(bench, {0xF0, 0x6D, pin, 0xF7});
    CHECK(state.at(0) == Bytes({0xF0, 0x6E, pin, 0xF7}));
  }
}

TEST("a pin that does not exist is refused") {
  Bench bench;
  bench.send({0xF4, 127, PIN_OUTPUT});
  bench.send({0xF5, 20, 1});
  CHECK_EQUAL(bench.ask().refused_writes, 2);
}

TEST("writing a whole port for the sake of D13 is no attempt on its neighbours") {
  Bench bench;
  bench.send({0xF4, 13, PIN_OUTPUT, 0x91, 0x20, 0x00});
  CHECK_EQUAL(bench.controller.firmata.value[free_of_pin(13)], 1);
  CHECK_EQUAL(bench.ask().refused_writes, 0);
}

TEST("free pins take modes they have, and no others") {
  Bench bench;
  bench.send({0xF4, 6, PIN_PWM, 0xE6, 0x40, 0x01});
  CHECK_EQUAL(bench.controller.firmata.mode[0], PIN_PWM);
  CHECK_EQUAL(bench.controller.firmata.value[0], 0xC0);
  bench.send({0xF4, 13, PIN_PWM});
  CHECK_EQUAL(bench.controller.firmata.mode[1], PIN_INPUT);
  bench.send({0xF4, 14, PIN_OUTPUT, 0xF5, 14, 1});
  CHECK(answers(bench, {0xF0, 0x6D, 14, 0xF7}).at(0) == Bytes({0xF0, 0x6E, 14, PIN_OUTPUT, 1, 0, 0xF7}));
}

TEST("a port is reported once when asked for and then when it changes, free inputs only") {
  Bench bench;
  bench.run(1);
  bench.free_levels = 0xFF;
  CHECK(answers(bench, {0xF4, 13, PIN_INPUT, 0xD1, 1}).at(0) == Bytes({0x91, 0x20, 0x00}));
  CHECK_EQUAL(answers(bench, {}).size(), 0);
  bench.set(IN_CLOSING, true); // D8 is on this port and none of its business
  CHECK_EQUAL(answers(bench, {}).size(), 0);
  bench.free_levels = 0;
  CHECK(answers(bench, {}).at(0) == Bytes({0x91, 0x00, 0x00}));
  CHECK_EQUAL(answers(bench, {0xD1, 0}).size(), 0);
}

TEST("analog channels are sampled at the interval, when reported and in analog mode") {
  Bench bench;
  bench.run(1);
  bench.send({0xF0, 0x7A, 50, 0, 0xF7, 0xC2, 1});
  uint32_t samples = 0;
  for (int i = 0; i < 1000; i++) {
    bench.run(1);
    if (bench.controller.firmata.analog_wanted == 0) continue;
    CHECK_EQUAL(bench.controller.firmata.analog_wanted, 1 << 2);
    firmata_analog(bench.controller.firmata, bench.controller.out, 2, 0x2A5);
    samples++;
  }
  CHECK_EQUAL(samples, 20);
  bench.pass();
  CHECK(bench.others.back().payload == Bytes({0xE2, 0x25, 0x05}));
}

TEST("a system reset frees the host's pins and leaves the barrier alone") {
  Bench bench;
  bench.open();
  bench.send({0xF4, 6, PIN_OUTPUT, 0xF5, 6, 1});
  CHECK_EQUAL(bench.controller.firmata.value[0], 1);
  bench.send({0xFF});
  bench.run(10);
  CHECK_EQUAL(bench.controller.firmata.mode[0], PIN_INPUT);
  CHECK_EQUAL(bench.controller.firmata.value[0], 0);
  CHECK_EQUAL(bench.state(), ARM_OPEN);
}

TEST("strings, servo, I2C and unknown messages are ignored") {
  Bench bench;
  bench.run(1);
  const uint32_t openings = bench.ask().openings;
  CHECK_EQUAL(answers(bench, {0xF0, 0x71, 'h', 0, 0xF7, 0xF0, 0x70, 4, 1, 1, 0xF7, 0xF0, 0x76, 1, 2, 0xF7, 0xA3, 1, 2}).size(), 0);
  CHECK_EQUAL(bench.ask().openings, openings);
  CHECK_EQUAL(bench.status.crc_errors, 0);
}
