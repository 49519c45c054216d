// Cuts the host's bytes into Firmata messages. It only frames: what a message means is decided elsewhere.
#ifndef PALANG_PARSER_H
#define PALANG_PARSER_H

#include <stdint.h>

namespace palang {

/** Longest sysex body after its command byte, in 7-bit bytes. */
const uint8_t MAX_SYSEX_DATA = 60;

struct Parser {
  uint8_t status;  // the message being collected, 0 when none
  uint8_t length;  // data bytes collected; for a sysex the command byte is data[0]
  uint8_t dropped; // frames dropped as too long or cut off; stays at 255
  bool too_long;
  uint8_t data[1 + MAX_SYSEX_DATA];
};

void parser_start(Parser &parser);

/**
 * Takes one byte. True when it completed a message: `status` F0 with the command in data[0] and `length` counting it, or a
 * Firmata message with its data bytes. The content is valid until the next byte.
 *
 * A byte >= 80 other than F7 inside a sysex drops that frame and begins its own message: real MIDI-style streams never
 * carry one there, and swallowing everything to the next F7 (as the common Firmata library does) deafens the board.
 */
bool parser_push(Parser &parser, uint8_t byte, uint8_t &status);

} // namespace palang

#endif
