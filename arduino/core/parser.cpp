#include "parser.h"

namespace palang {

namespace {

const uint8_t SYSEX_START = 0xF0;
const uint8_t SYSEX_END = 0xF7;

void count_drop(Parser &parser) {
  if (parser.dropped < 255) parser.dropped++;
}

/** Data bytes of a message that is not a sysex; FF for one that we do not know. */
uint8_t data_bytes_of(uint8_t status) {
  switch (status & 0xF0) {
    case 0x90: // digital port
    case 0xE0: // analog
      return 2;
    case 0xC0: // report analog
    case 0xD0: // report digital
      return 1;
    default: break;
  }
  switch (status) {
    case 0xF4: // pin mode
    case 0xF5: // pin value
      return 2;
    case 0xF9: // version request
    case 0xFF: // system reset
      return 0;
    default: return 0xFF;
  }
}

bool begin(Parser &parser, uint8_t byte, uint8_t &status) {
  parser.status = byte;
  parser.length = 0;
  parser.too_long = false;
  if (byte == SYSEX_START) return false;
  const uint8_t wanted = data_bytes_of(byte);
  if (wanted == 0xFF) parser.status = 0;
  if (wanted != 0) return false;
  parser.status = 0;
  status = byte;
  return true;
}

bool end_sysex(Parser &parser, uint8_t &status) {
  const bool complete = parser.status == SYSEX_START && !parser.too_long && parser.length > 0;
  if (parser.status == SYSEX_START && parser.too_long) count_drop(parser);
  parser.status = 0;
  status = SYSEX_START;
  return complete;
}

} // namespace

void parser_start(Parser &parser) {
  parser.status = 0;
  parser.length = 0;
  parser.dropped = 0;
  parser.too_long = false;
}

bool parser_push(Parser &parser, uint8_t byte, uint8_t &status) {
  if (byte == SYSEX_END) return end_sysex(parser, status);
  if (byte >= 0x80) {
    if (parser.status == SYSEX_START) count_drop(parser);
    return begin(parser, byte, status);
  }
  if (parser.status == 0) return false;
  if (parser.length >= sizeof parser.data) {
    parser.too_long = true;
    return false;
  }
  parser.data[parser.length++] = byte;
  if (parser.status == SYSEX_START || parser.length < data_bytes_of(parser.status)) return false;
  status = parser.status;
  parser.status = 0;
  return true;
}

} // namespace palang
