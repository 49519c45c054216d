// 8-bit bytes as a stream of 7-bit groups, least significant bits first.
#ifndef PALANG_PACK7_H
#define PALANG_PACK7_H

#include <stdint.h>

namespace palang {

/** How many 7-bit data bytes `length` 8-bit bytes become. */
inline uint8_t packed_length(uint8_t length) { return static_cast<uint8_t>((static_cast<uint16_t>(length) * 8 + 6) / 7); }

/** Unpacks in place (the result is never longer) and returns how many whole bytes came out, or -1 when the left-over bits are not zero. */
int16_t unpack7(uint8_t *bytes, uint8_t length);

/** Packs `length` bytes into `out`, which has room for packed_length(length), and returns that length. */
uint8_t pack7(const uint8_t *bytes, uint8_t length, uint8_t *out);

} // namespace palang

#endif
