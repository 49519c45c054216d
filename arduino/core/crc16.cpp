#include "crc16.h"

namespace palang {

// The eight shift steps folded into three exclusive-ors: about 30 cycles on the AVR instead of 100, and no table in RAM.
uint16_t crc16_byte(uint16_t crc, uint8_t byte) {
  uint8_t x = static_cast<uint8_t>((crc >> 8) ^ byte);
  x = static_cast<uint8_t>(x ^ (x >> 4));
  const uint16_t wide = x;
  return static_cast<uint16_t>((crc << 8) ^ (wide << 12) ^ (wide << 5) ^ wide);
}

uint16_t crc16(uint16_t crc, const void *bytes, uint8_t length) {
  const uint8_t *next = static_cast<const uint8_t *>(bytes);
  while (length-- > 0) crc = crc16_byte(crc, *next++);
  return crc;
}

} // namespace palang
