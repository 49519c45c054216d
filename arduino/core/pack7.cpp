#include "pack7.h"

namespace palang {

uint8_t pack7(const uint8_t *bytes, uint8_t length, uint8_t *out) {
  uint16_t bits = 0;
  uint8_t held = 0;
  uint8_t written = 0;
  for (uint8_t i = 0; i < length; i++) {
    bits |= static_cast<uint16_t>(bytes[i]) << held;
    held = static_cast<uint8_t>(held + 8);
    while (held >= 7) {
      out[written++] = bits & 0x7F;
      bits >>= 7;
      held = static_cast<uint8_t>(held - 7);
    }
  }
  if (held > 0) out[written++] = bits & 0x7F;
  return written;
}

int16_t unpack7(uint8_t *bytes, uint8_t length) {
  uint16_t bits = 0;
  uint8_t held = 0;
  uint8_t written = 0;
  for (uint8_t i = 0; i < length; i++) {
    bits |= static_cast<uint16_t>(bytes[i] & 0x7F) << held;
    held = static_cast<uint8_t>(held + 7);
    if (held >= 8) {
      bytes[written++] = static_cast<uint8_t>(bits);
      bits >>= 8;
      held = static_cast<uint8_t>(held - 8);
    }
  }
  return bits == 0 ? written : -1;
}

} // namespace palang
