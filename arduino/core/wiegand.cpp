#include "wiegand.h"

#include "protocol.h"

namespace palang {

namespace {

const uint32_t QUIET_LEAST_US = 4000;
const uint32_t QUIET_MOST_US = 25000;

uint8_t odd_ones(uint32_t bits) {
  uint8_t odd = 0;
  for (; bits != 0; bits &= bits - 1) odd ^= 1;
  return odd;
}

} // namespace

void wiegand_clear(WiegandFrame &frame) {
  frame.high = frame.low = 0;
  frame.count = 0;
  frame.last_at = frame.longest_gap = 0;
}

void wiegand_pulse(WiegandFrame &frame, uint32_t now_us, uint8_t bit) {
  const uint32_t gap = now_us - frame.last_at;
  if (frame.count > 0 && gap > frame.longest_gap) frame.longest_gap = gap;
  frame.last_at = now_us;
  frame.high = (frame.high << 1) | ((frame.low & 0x80000000UL) ? 1 : 0);
  frame.low = (frame.low << 1) | bit;
  if (frame.count < 255) frame.count++;
}

bool wiegand_complete(const WiegandFrame &frame, uint32_t now_us) {
  if (frame.count == 0) return false;
  uint32_t quiet = frame.count == 1 || frame.longest_gap > QUIET_MOST_US / 4 ? QUIET_MOST_US : frame.longest_gap * 4;
  if (quiet < QUIET_LEAST_US) quiet = QUIET_LEAST_US;
  return now_us - frame.last_at >= quiet;
}

uint8_t wiegand_decode(const WiegandFrame &frame, Card &card) {
  if (frame.count != 26 && frame.count != 34) return CARD_WRONG_LENGTH;
  card.bits = frame.count;
  if (frame.count == 26) {
    card.value = (frame.low >> 1) & 0xFFFFFFUL;
    const uint8_t first = odd_ones((frame.low >> 13) & 0x1FFF);
    const uint8_t second = odd_ones(frame.low & 0x1FFF);
    return first == 0 && second == 1 ? 0 : CARD_WRONG_PARITY;
  }
  card.value = (frame.low >> 1) | (frame.high << 31);
  const uint8_t first = odd_ones(((frame.high & 3) << 15) | (frame.low >> 17));
  const uint8_t second = odd_ones(frame.low & 0x1FFFF);
  return first == 0 && second == 1 ? 0 : CARD_WRONG_PARITY;
}

} // namespace palang
