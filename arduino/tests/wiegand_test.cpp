#include "../core/wiegand.h"

#include <string>

#include "bench.h"
#include "check.h"

using namespace palang;

namespace {

/** Bits as a reader sends them, 1 ms apart. */
WiegandFrame pulses(const std::string &bits, uint32_t spacing_us = 1000) {
  WiegandFrame frame;
  wiegand_clear(frame);
  uint32_t now = 5000;
  for (char bit : bits) wiegand_pulse(frame, now += spacing_us, bit == '1' ? 1 : 0);
  return frame;
}

// Facility 0x12 and card 0x3456: 0001 0010 0011 has four ones (even: leading 0), 0100 0101 0110 has five (trailing 0).
const char *CARD_26 = "0"
                      "000100100011"
                      "010001010110"
                      "0";
// DEADBEEF: DEAD has eleven ones (leading 1), BEEF has thirteen (trailing 0).
const char *CARD_34 = "1"
                      "1101111010101101"
                      "1011111011101111"
                      "0";

std::string flipped(const char *bits, size_t at) {
  std::string changed = bits;
  changed[at] = changed[at] == '1' ? '0' : '1';
  return changed;
}

} // namespace

TEST("a Wiegand-26 card is what stands between its parity bits") {
  Card card;
  CHECK_EQUAL(wiegand_decode(pulses(CARD_26), card), 0);
  CHECK_EQUAL(card.bits, 26);
  CHECK_EQUAL(card.value, 0x123456);
}

TEST("a Wiegand-34 card is what stands between its parity bits") {
  Card card;
  CHECK_EQUAL(wiegand_decode(pulses(CARD_34), card), 0);
  CHECK_EQUAL(card.bits, 34);
  CHECK_EQUAL(card.value, 0xDEADBEEF);
}

TEST("any one wrong bit is a parity error") {
  Card card;
  for (size_t at = 0; at < 26; at++) CHECK_EQUAL(wiegand_decode(pulses(flipped(CARD_26, at)), card), CARD_WRONG_PARITY);
  for (size_t at = 0; at < 34; at++) CHECK_EQUAL(wiegand_decode(pulses(flipped(CARD_34, at)), card), CARD_WRONG_PARITY);
}

TEST("any other number of bits is a length error, however many") {
  Card card;
  for (size_t length = 1; length <= 600; length++) {
    if (length == 26 || length == 34) continue;
    CHECK_EQUAL(wiegand_decode(pulses(std::string(length, '1')), card), CARD_WRONG_LENGTH);
  }
}

TEST("a frame ends after four times its own bit spacing, within 4 and 25 ms") {
  const struct {
    uint32_t spacing, quiet;
  } cases[] = {{300, 4000}, {1000, 4000}, {2000, 8000}, {5000, 20000}, {20000, 25000}};
  for (const auto &one : cases) {
    const WiegandFrame frame = pulses(CARD_26, one.spacing);
    CHECK(!wiegand_complete(frame, frame.last_at + one.quiet - 1));
    CHECK(wiegand_complete(frame, frame.last_at + one.quiet));
  }
}

TEST("nothing is complete before the first pulse") {
  WiegandFrame frame;
  wiegand_clear(frame);
  CHECK(!wiegand_complete(frame, 1000000));
}

TEST("frames end rightly when the microsecond clock wraps") {
  WiegandFrame frame;
  wiegand_clear(frame);
  uint32_t now = 0xFFFFFFFF - 10000;
  for (const char *bit = CARD_26; *bit; bit++) wiegand_pulse(frame, now += 1000, *bit == '1' ? 1 : 0);
  CHECK(!wiegand_complete(frame, now + 3999));
  CHECK(wiegand_complete(frame, now + 4000));
}

TEST("a card becomes an event, a bad frame an error event") {
  Bench bench;
  controller_card(bench.controller, bench.now, pulses(CARD_26));
  bench.run(1);
  CHECK(bench.last(EVENT_CARD).data == host::Bytes({26, 0x56, 0x34, 0x12, 0x00}));
  controller_card(bench.controller, bench.now, pulses(flipped(CARD_26, 3)));
  bench.run(1);
  CHECK(bench.last(EVENT_CARD_ERROR).data == host::Bytes({26, CARD_WRONG_PARITY}));
  controller_card(bench.controller, bench.now, pulses("10101"));
  bench.run(1);
  CHECK(bench.last(EVENT_CARD_ERROR).data == host::Bytes({5, CARD_WRONG_LENGTH}));
  CHECK_EQUAL(bench.count(EVENT_CARD), 1);
}
