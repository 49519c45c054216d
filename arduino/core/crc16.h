// CRC-16/CCITT-FALSE: polynomial 1021, initial FFFF, no reflection, no final xor. "123456789" gives 29B1.
#ifndef PALANG_CRC16_H
#define PALANG_CRC16_H

#include <stdint.h>

namespace palang {

const uint16_t CRC16_INITIAL = 0xFFFF;

/** Continues a CRC over one more byte. */
uint16_t crc16_byte(uint16_t crc, uint8_t byte);

/** Continues a CRC over `length` more bytes. */
uint16_t crc16(uint16_t crc, const void *bytes, uint8_t length);

} // namespace palang

#endif
