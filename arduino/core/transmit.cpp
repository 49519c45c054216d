#include "transmit.h"

#include "crc16.h"
#include "pack7.h"

namespace palang {

bool transmit_message(Transmit &out, uint8_t command, const uint8_t *payload, uint8_t length, Reserve reserve) {
  uint8_t plain[MAX_PAYLOAD + 2];
  uint8_t packed[(MAX_PAYLOAD + 2) * 8 / 7 + 1];
  if (length > MAX_PAYLOAD) return false;
  if (!transmit_fits(out, static_cast<uint8_t>(packed_length(static_cast<uint8_t>(length + 2)) + 3), reserve)) return false;
  uint16_t crc = crc16_byte(CRC16_INITIAL, command);
  for (uint8_t i = 0; i < length; i++) {
    plain[i] = payload[i];
    crc = crc16_byte(crc, payload[i]);
  }
  plain[length] = static_cast<uint8_t>(crc >> 8);
  plain[length + 1] = static_cast<uint8_t>(crc);
  const uint8_t count = pack7(plain, static_cast<uint8_t>(length + 2), packed);
  transmit_put(out, 0xF0);
  transmit_put(out, command);
  for (uint8_t i = 0; i < count; i++) transmit_put(out, packed[i]);
  transmit_put(out, 0xF7);
  return true;
}

} // namespace palang
