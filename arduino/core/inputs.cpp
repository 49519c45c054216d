#include "inputs.h"

namespace palang {

uint8_t inputs_from_levels(uint8_t low_pins, uint8_t high_pins) {
  uint8_t active = 0;
  if (low_pins & (1 << 7)) active |= IN_ARMING;
  if (high_pins & (1 << 0)) active |= IN_CLOSING;
  if (!(high_pins & (1 << 1))) active |= IN_LOWER_LIMIT;
  if (!(high_pins & (1 << 2))) active |= IN_UPPER_LIMIT;
  if (!(high_pins & (1 << 3))) active |= IN_BUTTON;
  if (!(high_pins & (1 << 4))) active |= IN_ARM_IN_PLACE;
  if ((low_pins & 0x0C) == 0x0C) active |= IN_READER_IDLE;
  return active;
}

void inputs_start(Inputs &inputs, uint32_t now, uint8_t raw) {
  inputs.raw = inputs.stable = raw;
  for (uint8_t i = 0; i < INPUT_COUNT; i++) inputs.moved_at[i] = static_cast<uint16_t>(now);
}

uint8_t inputs_sample(Inputs &inputs, uint32_t now, uint8_t raw) {
  const uint16_t time = static_cast<uint16_t>(now);
  const uint8_t moved = inputs.raw ^ raw;
  uint8_t changed = 0;
  inputs.raw = raw;
  if (!moved && raw == inputs.stable) return 0;
  for (uint8_t i = 0; i < INPUT_COUNT; i++) {
    const uint8_t bit = static_cast<uint8_t>(1 << i);
    if (moved & bit) inputs.moved_at[i] = time;
    if (!((raw ^ inputs.stable) & bit)) continue;
    const bool at_once = (bit & (IN_ARMING | IN_CLOSING)) && (raw & bit);
    if (at_once || static_cast<uint16_t>(time - inputs.moved_at[i]) >= DEBOUNCE_MS) changed |= bit;
  }
  inputs.stable ^= changed;
  return changed;
}

} // namespace palang
