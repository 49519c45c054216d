#include "crc16.h"

namespace palang {

// The eight shift steps folded into shifts of single bytes, which is what an 8-bit machine is quick at; no table in RAM.
uint16_t crc16_byte(uint16_t crc, uint8_t byte) {
  uint8_t x = static_cast<uint8_t>((crc >> 8) ^ byte);
  x = static_cast<uint8_t>(x ^ (x >> 4));
  // One assignment a shift: within an expression the AVR compiler widens each to 16 bits and loops.
  const uint8_t down3 = static_cast<uint8_t>(x >> 3);
  const uint8_t up4 = static_cast<uint8_t>(x << 4);
  const uint8_t up5 = static_cast<uint8_t>(up4 << 1);
  const uint8_t high = static_cast<uint8_t>(static_cast<uint8_t>(crc) ^ up4 ^ down3);
  const uint8_t low = static_cast<uint8_t>(x ^ up5);
  return static_cast<uint16_t>((high << 8) | low);
}

uint16_t crc16(uint16_t crc, const void *bytes, uint8_t length) {
  const uint8_t *next = static_cast<const uint8_t *>(bytes);
  while (length-- > 0) crc = crc16_byte(crc, *next++);
  return crc;
}

} // namespace palang
