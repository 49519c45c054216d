#include "host.h"

#include "check.h"

namespace host {

namespace {

// Written apart from the core, bit by bit, so that a mistake there is not shared here.
uint16_t slow_crc(const Bytes &bytes) {
  uint16_t crc = 0xFFFF;
  for (uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; bit--) {
      const bool feedback = ((crc >> 15) & 1) != ((byte >> bit) & 1);
      crc = static_cast<uint16_t>(crc << 1);
      if (feedback) crc ^= 0x1021;
    }
  }
  return crc;
}

void append(Bytes &bytes, uint32_t value, size_t length) {
  for (size_t i = 0; i < length; i++) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

Bytes regroup(const Bytes &bytes, int from, int to, bool keep_rest) {
  Bytes out;
  uint32_t value = 0;
  int held = 0;
  for (uint8_t byte : bytes) {
    for (int bit = 0; bit < from; bit++) {
      value |= static_cast<uint32_t>((byte >> bit) & 1) << held;
      if (++held < to) continue;
      out.push_back(static_cast<uint8_t>(value));
      value = held = 0;
    }
  }
  if (held > 0 && keep_rest) out.push_back(static_cast<uint8_t>(value));
  return out;
}

Message read_message(const Bytes &raw) {
  if (raw.size() < 4 || raw[0] != 0xF0 || raw[1] == 0 || raw[1] > 0x0F) return Message{0, raw};
  Bytes payload = regroup(Bytes(raw.begin() + 2, raw.end() - 1), 7, 8, false);
  CHECK(payload.size() >= 2);
  const uint16_t sent = static_cast<uint16_t>((payload[payload.size() - 2] << 8) | payload[payload.size() - 1]);
  payload.resize(payload.size() - 2);
  Bytes summed = payload;
  summed.insert(summed.begin(), raw[1]);
  CHECK_EQUAL(sent, slow_crc(summed));
  return Message{raw[1], payload};
}

size_t length_of(const Bytes &stream) {
  if (stream[0] == 0xF0) {
    for (size_t i = 1; i < stream.size(); i++) {
      if (stream[i] == 0xF7) return i + 1;
    }
    return stream.size() + 1;
  }
  CHECK(stream[0] >= 0x80);
  return 3; // version, digital and analog reports
}

} // namespace

Bytes frame(uint8_t command, const Bytes &payload) {
  Bytes summed = payload;
  summed.insert(summed.begin(), command);
  const uint16_t crc = slow_crc(summed);
  Bytes guarded = payload;
  guarded.push_back(static_cast<uint8_t>(crc >> 8));
  guarded.push_back(static_cast<uint8_t>(crc));
  Bytes out = {0xF0, command};
  for (uint8_t byte : regroup(guarded, 8, 7, true)) out.push_back(byte);
  out.push_back(0xF7);
  return out;
}

Bytes ping(uint16_t nonce) {
  Bytes payload;
  append(payload, nonce, 2);
  return frame(1, payload);
}

Bytes acknowledge(uint32_t stream, uint16_t sequence) {
  Bytes payload;
  append(payload, stream, 4);
  append(payload, sequence, 2);
  return frame(3, payload);
}

Bytes settings(uint16_t closing_delay, uint16_t max_open, uint16_t motion_timeout, uint16_t unused_open, uint8_t profile) {
  Bytes payload;
  append(payload, closing_delay, 2);
  append(payload, max_open, 2);
  append(payload, motion_timeout, 2);
  append(payload, unused_open, 2);
  append(payload, profile, 1);
  return frame(4, payload);
}

Bytes command(const CommandFields &fields) {
  Bytes payload;
  append(payload, fields.boot, 4);
  append(payload, fields.sequence, 2);
  append(payload, fields.operation, 1);
  append(payload, fields.stamp, 4);
  append(payload, fields.ttl, 2);
  append(payload, fields.argument, 2);
  return frame(2, payload);
}

std::vector<Message> messages(Bytes &stream) {
  std::vector<Message> found;
  while (!stream.empty()) {
    const size_t length = length_of(stream);
    if (length > stream.size()) break;
    found.push_back(read_message(Bytes(stream.begin(), stream.begin() + static_cast<long>(length))));
    stream.erase(stream.begin(), stream.begin() + static_cast<long>(length));
  }
  return found;
}

uint32_t integer(const Bytes &bytes, size_t at, size_t length) {
  uint32_t value = 0;
  for (size_t i = 0; i < length; i++) value |= static_cast<uint32_t>(bytes.at(at + i)) << (8 * i);
  return value;
}

} // namespace host
