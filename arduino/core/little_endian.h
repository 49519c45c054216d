// Integers on the wire are little-endian; these read and write them without alignment or byte-order assumptions.
#ifndef PALANG_LITTLE_ENDIAN_H
#define PALANG_LITTLE_ENDIAN_H

#include <stdint.h>

namespace palang {

inline uint16_t read_u16(const uint8_t *at) { return static_cast<uint16_t>(at[0] | (static_cast<uint16_t>(at[1]) << 8)); }

inline uint32_t read_u32(const uint8_t *at) {
  return read_u16(at) | (static_cast<uint32_t>(read_u16(at + 2)) << 16);
}

inline uint8_t *write_u8(uint8_t *at, uint8_t value) {
  *at = value;
  return at + 1;
}

inline uint8_t *write_u16(uint8_t *at, uint16_t value) {
  return write_u8(write_u8(at, static_cast<uint8_t>(value)), static_cast<uint8_t>(value >> 8));
}

inline uint8_t *write_u32(uint8_t *at, uint32_t value) {
  return write_u16(write_u16(at, static_cast<uint16_t>(value)), static_cast<uint16_t>(value >> 16));
}

} // namespace palang

#endif
