// A gateway as the board sees it: makes messages, reads answers.
#ifndef PALANG_TESTS_HOST_H
#define PALANG_TESTS_HOST_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace host {

typedef std::vector<uint8_t> Bytes;

/** One message of the board: its user sysex number and verified payload, or any other message raw. */
struct Message {
  uint8_t command; // 0 for what is not ours
  Bytes payload;   // without the CRC; for what is not ours, the whole message
};

Bytes frame(uint8_t command, const Bytes &payload);
Bytes ping(uint16_t nonce);
Bytes acknowledge(uint32_t stream, uint16_t sequence);
Bytes settings(uint16_t closing_delay, uint16_t max_open, uint16_t motion_timeout, uint16_t unused_open, uint8_t profile);

struct CommandFields {
  uint32_t boot;
  uint16_t sequence;
  uint8_t operation;
  uint32_t stamp;
  uint16_t ttl;
  uint16_t argument;
};
Bytes command(const CommandFields &fields);

/** Cuts complete messages off the front of `stream`; a sum that does not match is reported as a failed check. */
std::vector<Message> messages(Bytes &stream);

uint32_t integer(const Bytes &bytes, std::size_t at, std::size_t length);

} // namespace host

#endif
