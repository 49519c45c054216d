// The wire: sums, packing, framing. Golden bytes were computed outside this program.
#include <cstring>
#include <random>

#include "../core/crc16.h"
#include "../core/pack7.h"
#include "bench.h"
#include "check.h"

using namespace palang;
using host::Bytes;

TEST("the CRC of 123456789 is 29B1") { CHECK_EQUAL(crc16(CRC16_INITIAL, "123456789", 9), 0x29B1); }

TEST("bytes are packed least significant bits first") {
  const uint8_t bytes[3] = {0x01, 0x80, 0xFF};
  const uint8_t expected[4] = {0x01, 0x00, 0x7E, 0x07};
  uint8_t packed[4];
  CHECK_EQUAL(pack7(bytes, 3, packed), 4);
  CHECK_EQUAL(std::memcmp(packed, expected, 4), 0);
}

TEST("packing any length and unpacking it gives the same bytes") {
  for (uint8_t length = 0; length <= MAX_PAYLOAD; length++) {
    uint8_t bytes[MAX_PAYLOAD];
    uint8_t packed[MAX_PAYLOAD * 8 / 7 + 1];
    for (uint8_t i = 0; i < length; i++) bytes[i] = static_cast<uint8_t>(i * 37 + length);
    const uint8_t count = pack7(bytes, length, packed);
    CHECK_EQUAL(count, packed_length(length));
    for (uint8_t i = 0; i < count; i++) CHECK(packed[i] < 0x80);
    CHECK_EQUAL(unpack7(packed, count), length);
    CHECK_EQUAL(std::memcmp(packed, bytes, length), 0);
  }
}

TEST("left-over bits that are not zero are refused") {
  uint8_t packed[2] = {0x7F, 0x03};
  CHECK_EQUAL(unpack7(packed, 2), -1);
}

TEST("a golden PING renews the lease and is answered with its nonce") {
  Bench bench;
  bench.pings = false;
  bench.send({0xF0, 0x01, 0x34, 0x24, 0x00, 0x70, 0x08, 0xF7});
  bench.pass();
  CHECK_EQUAL(bench.status.nonce, 0x1234);
  CHECK_EQUAL(bench.status.boot, 7);
  CHECK_EQUAL(bench.status.uptime, 1000);
  CHECK_EQUAL(bench.status.flags, FLAG_LEASE);
  CHECK_EQUAL(bench.status.reset_reason, 2);
  CHECK_EQUAL(bench.status.version, 1);
}

TEST("a golden COMMAND raises the arm and its acknowledgement is golden too") {
  Bench bench;
  bench.run(8999); // its stamp is 10000
  bench.now = 10000;
  bench.others.clear();
  const Bytes raise = {0xF0, 0x02, 0x07, 0x00, 0x00, 0x00, 0x10, 0x00, 0x40, 0x00, 0x10, 0x4E,
                       0x00, 0x00, 0x00, 0x7A, 0x01, 0x32, 0x00, 0x02, 0x17, 0x07, 0xF7};
  const Bytes answer = {0xF0, 0x02, 0x07, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x10, 0x59, 0x03, 0xF7};
  for (uint8_t byte : raise) controller_receive(bench.controller, bench.now, byte);
  Bytes sent;
  while (transmit_waiting(bench.controller.out) > 0) sent.push_back(transmit_take(bench.controller.out));
  CHECK(sent == answer);
  bench.pass();
  CHECK_EQUAL(bench.relay(), RELAY_RAISE);
}

TEST("golden SETTINGS and EVENT_ACK are taken without an error") {
  Bench bench;
  bench.send({0xF0, 0x04, 0x32, 0x00, 0x00, 0x77, 0x02, 0x64, 0x00, 0x68, 0x07, 0x02, 0x30, 0x5D, 0x06, 0xF7});
  CHECK_EQUAL(bench.controller.barrier.settings.closing_delay, 500);
  CHECK_EQUAL(bench.controller.barrier.settings.max_open, 120000);
  bench.send({0xF0, 0x03, 0x07, 0x00, 0x00, 0x00, 0x20, 0x20, 0x40, 0x4B, 0x4E, 0x00, 0xF7});
  CHECK_EQUAL(bench.ask().crc_errors, 0);
}

TEST("settings outside their ranges are brought into them") {
  Bench bench;
  bench.send(host::settings(0, 0, 0, 0, 1));
  CHECK_EQUAL(bench.controller.barrier.settings.closing_delay, 200);
  CHECK_EQUAL(bench.controller.barrier.settings.motion_timeout, 1000);
  bench.send(host::settings(65535, 65535, 65535, 65535, 0));
  CHECK_EQUAL(bench.controller.barrier.settings.closing_delay, 60000);
  CHECK_EQUAL(bench.controller.barrier.settings.unused_open, 655350);
}

TEST("frames split at every byte and joined frames are understood") {
  Bench bench;
  bench.pings = false;
  for (uint8_t byte : host::ping(0x0102)) {
    bench.send({byte});
    bench.run(3);
  }
  CHECK_EQUAL(bench.status.nonce, 0x0102);
  Bytes two = host::ping(0x0304);
  for (uint8_t byte : host::ping(0x0506)) two.push_back(byte);
  bench.send(two);
  bench.pass();
  CHECK_EQUAL(bench.status.nonce, 0x0506);
}

TEST("a frame with any one bit turned over is dropped and counted") {
  const Bytes good = host::command({7, 1, OP_RAISE, 1000, 1000, 0});
  for (size_t at = 2; at + 1 < good.size(); at++) {
    for (int bit = 0; bit < 7; bit++) {
      Bench bench;
      bench.ask();
      Bytes bad = good;
      bad[at] ^= static_cast<uint8_t>(1 << bit);
      bench.send(bad);
      bench.pass();
      CHECK_EQUAL(bench.relay(), RELAY_NONE);
      CHECK_EQUAL(bench.ask().crc_errors, 1);
    }
  }
}

TEST("a frame of the wrong length with a right sum is dropped and counted") {
  Bench bench;
  bench.send(host::frame(1, {1, 2, 3}));
  bench.send(host::frame(2, {1, 2, 3}));
  bench.send(host::frame(3, {1}));
  bench.send(host::frame(4, {}));
  bench.send(host::frame(9, {1, 2}));
  bench.send({0xF0, 0x01, 0xF7});
  CHECK_EQUAL(bench.ask().crc_errors, 6);
}

TEST("a frame cut off by the next one is dropped and the next one is understood") {
  Bench bench;
  Bytes bytes = {0xF0, 0x02, 0x07, 0x00};
  for (uint8_t byte : host::ping(0x0708)) bytes.push_back(byte);
  bench.send(bytes);
  bench.pass();
  CHECK_EQUAL(bench.status.nonce, 0x0708);
  CHECK_EQUAL(bench.ask().crc_errors, 1);
}

TEST("a frame that is too long is dropped and counted, and its end ends it") {
  Bench bench;
  Bytes bytes(200, 0x11);
  bytes[0] = 0xF0;
  bytes[1] = 0x02;
  bytes.push_back(0xF7);
  bench.send(bytes);
  CHECK_EQUAL(bench.ask().crc_errors, 1);
}

TEST("after a megabyte of garbage a lone F7 is enough to be understood again") {
  std::mt19937 random(20261123);
  Bench bench;
  bench.pings = false;
  for (int i = 0; i < 1000000; i++) {
    controller_receive(bench.controller, bench.now, static_cast<uint8_t>(random()));
    if (i % 16 == 15) {
      bench.now++;
      controller_tick(bench.controller, bench.now, bench.inputs, 0);
      transmit_start(bench.controller.out); // what a megabyte of questions is answered is of no interest
      CHECK_EQUAL(bench.relay(), RELAY_NONE);
    }
  }
  bench.send({0xF7});
  CHECK_EQUAL(bench.ask().crc_errors, 255);
  bench.open();
}

TEST("a flood of questions does not silence events") {
  Bench bench;
  bench.run(1);
  for (int i = 0; i < 50; i++) {
    for (uint8_t byte : host::ping(1)) controller_receive(bench.controller, bench.now, byte);
    for (uint8_t byte : {0xF0, 0x6B, 0xF7}) controller_receive(bench.controller, bench.now, static_cast<uint8_t>(byte));
  }
  bench.set(IN_BUTTON, true);
  for (int i = 0; i < 40; i++) controller_tick(bench.controller, ++bench.now, bench.inputs, 0);
  bench.pass();
  CHECK_EQUAL(bench.count(EVENT_BUTTON), 1);
}
