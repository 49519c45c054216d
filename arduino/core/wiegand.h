// Wiegand-26 and -34: pulses to frames to cards.
#ifndef PALANG_WIEGAND_H
#define PALANG_WIEGAND_H

#include <stdint.h>

namespace palang {

/** Filled by the pin interrupts; copied out with interrupts off. */
struct WiegandFrame {
  uint32_t high; // bits before the latest 32
  uint32_t low;  // the latest 32 bits, the last one lowest
  uint8_t count; // stays at 255
  uint32_t last_at;     // us, the latest pulse
  uint32_t longest_gap; // us, between two pulses of this frame
};

struct Card {
  uint8_t bits;   // 26 or 34
  uint32_t value; // what stands between the two parity bits
};

void wiegand_clear(WiegandFrame &frame);

/** One pulse: `bit` 0 from line D0, 1 from D1. Runs inside an interrupt: a few microseconds, no loops. */
void wiegand_pulse(WiegandFrame &frame, uint32_t now_us, uint8_t bit);

/**
 * True when a frame is there and its line has been quiet long enough to have ended: four times the reader's own bit
 * spacing, within 4 to 25 ms. Readers space their bits 1 to 2 ms apart, and waiting a fixed 25 ms would be felt at each tap.
 */
bool wiegand_complete(const WiegandFrame &frame, uint32_t now_us);

/** 0 with the card, CARD_WRONG_LENGTH or CARD_WRONG_PARITY. Even parity over the first half, odd over the second. */
uint8_t wiegand_decode(const WiegandFrame &frame, Card &card);

} // namespace palang

#endif
