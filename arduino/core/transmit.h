// Bytes waiting for the UART. A message goes in whole or not at all, so a slow line never leaves half a frame and the
// main loop never waits for it.
#ifndef PALANG_TRANSMIT_H
#define PALANG_TRANSMIT_H

#include <stdint.h>

namespace palang {

struct Transmit {
  uint8_t head; // next byte to read; both indices wrap at the buffer's 256 bytes by themselves
  uint8_t tail;
  uint8_t bytes[256];
};

/** Room that messages of less weight leave free, in bytes, so that a flood of questions silences no event. */
enum Reserve : uint8_t { RESERVE_NONE = 0, RESERVE_EVENT = 32, RESERVE_STATUS = 96, RESERVE_FIRMATA = 128 };

inline void transmit_start(Transmit &out) { out.head = out.tail = 0; }

inline uint8_t transmit_waiting(const Transmit &out) { return static_cast<uint8_t>(out.tail - out.head); }

inline uint8_t transmit_room(const Transmit &out) { return static_cast<uint8_t>(255 - transmit_waiting(out)); }

/** The next byte for the UART; call only while transmit_waiting() is above zero. */
inline uint8_t transmit_take(Transmit &out) { return out.bytes[out.head++]; }

/** True when `length` bytes fit and `reserve` stays free. */
inline bool transmit_fits(const Transmit &out, uint8_t length, Reserve reserve) {
  return static_cast<uint16_t>(length) + reserve <= transmit_room(out);
}

/** Adds one byte of a message whose length was checked by transmit_fits(). */
inline void transmit_put(Transmit &out, uint8_t byte) { out.bytes[out.tail++] = byte; }

/** Longest payload of one of our own messages, without its CRC, in bytes. */
const uint8_t MAX_PAYLOAD = 40;

/** Packs, guards and queues one user sysex. False, with nothing queued, when it does not fit. */
bool transmit_message(Transmit &out, uint8_t command, const uint8_t *payload, uint8_t length, Reserve reserve);

} // namespace palang

#endif
