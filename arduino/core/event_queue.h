// Events that the host has not acknowledged, in memory that an external reset does not clear.
#ifndef PALANG_EVENT_QUEUE_H
#define PALANG_EVENT_QUEUE_H

#include <stdint.h>

#include "protocol.h"

namespace palang {

const uint8_t EVENT_CAPACITY = 32; // divides 65536, so that a sequence number names its slot across the wrap
const uint8_t EVENT_DATA = 8;

struct StoredEvent {
  uint32_t boot;
  uint32_t time; // ms of that boot
  uint8_t type;
  uint8_t length;
  uint8_t data[EVENT_DATA];
  uint16_t crc; // over all of the above and the sequence number
};

struct QueueHeader {
  uint16_t magic;
  uint8_t generation;
  uint8_t count;
  uint32_t stream;
  uint16_t first; // sequence number of the oldest event
  uint8_t lost;   // stays at 255
  uint8_t kept;   // bits that the barrier wants to find again
  uint32_t openings; // the opening counter, which EEPROM holds only some 20 ms later
  uint16_t crc;
};

/** What survives a reset. The header exists twice and they are written in turn, so that a reset in mid-write loses nothing. */
struct Retained {
  QueueHeader header[2];
  StoredEvent slot[EVENT_CAPACITY];
};

struct EventQueue {
  Retained *kept;
  QueueHeader now;
  uint8_t in_flight; // how many of the oldest were sent at least once
  uint32_t sent_at;  // ms, when the oldest was last sent
};

/**
 * Takes over what an earlier boot left. Where nothing readable is left a new stream begins, named by `boot`; what a damaged
 * queue held counts as lost.
 */
void events_start(EventQueue &queue, Retained &kept, uint32_t boot);

/**
 * Appends an event, durable when this returns. A full queue refuses and counts it lost; the chatty types are refused
 * earlier, so that openings and passages find room after hours without a host.
 */
bool events_push(EventQueue &queue, uint32_t boot, uint32_t time, uint8_t type, const uint8_t *data, uint8_t length);

/** Forgets everything up to and including `sequence` of `stream`; anything else is ignored. */
void events_acknowledge(EventQueue &queue, uint32_t now, uint32_t stream, uint16_t sequence);

/** True with the sequence number to send when an event is due: a new one inside the window, or the oldest again. */
bool events_due(const EventQueue &queue, uint32_t now, uint16_t &sequence);

/** Notes that `sequence` went out. */
void events_sent(EventQueue &queue, uint32_t now, uint16_t sequence);

/** Keeps the opening counter across a reset; it becomes durable with the next event. */
inline void events_keep_openings(EventQueue &queue, uint32_t openings) { queue.now.openings = openings; }

/** Keeps the barrier's bits across a reset; costs nothing while they stay the same. */
void events_keep(EventQueue &queue, uint8_t kept);

inline const StoredEvent &event_at(const EventQueue &queue, uint16_t sequence) {
  return queue.kept->slot[sequence % EVENT_CAPACITY];
}

inline uint16_t events_next_sequence(const EventQueue &queue) {
  return static_cast<uint16_t>(queue.now.first + queue.now.count);
}

} // namespace palang

#endif
