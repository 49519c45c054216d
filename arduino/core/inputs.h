// Pin levels to debounced inputs. Bits are InputBit, 1 = active.
#ifndef PALANG_INPUTS_H
#define PALANG_INPUTS_H

#include <stdint.h>

#include "protocol.h"

namespace palang {

const uint8_t INPUT_COUNT = 7;

struct Inputs {
  uint8_t raw;
  uint8_t stable;
  uint16_t moved_at[INPUT_COUNT]; // ms, when the raw level last changed
};

/**
 * Maps pin levels to inputs. `low_pins` holds D0-D7 and `high_pins` D8-D13 in Arduino order (the registers PIND and PINB of
 * an Uno). The loops are active when high, so that a cut wire reads as a vehicle; the rest are active when low.
 */
uint8_t inputs_from_levels(uint8_t low_pins, uint8_t high_pins);

/** Takes the first sample as the truth, without reporting a change. */
void inputs_start(Inputs &inputs, uint32_t now, uint8_t raw);

/** Takes a sample and returns the debounced inputs that changed. A loop that becomes occupied changes at once. */
uint8_t inputs_sample(Inputs &inputs, uint32_t now, uint8_t raw);

} // namespace palang

#endif
