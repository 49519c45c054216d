#include "event_queue.h"

#include "crc16.h"

namespace palang {

namespace {

const uint16_t MAGIC = 0x51A6;

uint16_t header_crc(const QueueHeader &header) {
  uint16_t crc = crc16(CRC16_INITIAL, &header.magic, 2);
  crc = crc16_byte(crc, header.generation);
  crc = crc16_byte(crc, header.count);
  crc = crc16(crc, &header.stream, 4);
  crc = crc16(crc, &header.first, 2);
  crc = crc16_byte(crc, header.lost);
  crc = crc16_byte(crc, header.kept);
  return crc16(crc, &header.openings, 4);
}

// The sequence number is part of the sum, so that a left-over of an earlier turn of the ring is never taken for the new one.
uint16_t event_crc(const StoredEvent &event, uint16_t sequence) {
  uint16_t crc = crc16(CRC16_INITIAL, &sequence, 2);
  crc = crc16(crc, &event.boot, 4);
  crc = crc16(crc, &event.time, 4);
  crc = crc16_byte(crc, event.type);
  crc = crc16_byte(crc, event.length);
  return crc16(crc, event.data, EVENT_DATA);
}

bool header_valid(const QueueHeader &header) {
  return header.magic == MAGIC && header.count <= EVENT_CAPACITY && header.crc == header_crc(header);
}

// A reset may come between any two stores: nothing may move across this line.
inline void settle() { __asm__ volatile("" ::: "memory"); }

void commit(EventQueue &queue) {
  queue.now.generation++;
  queue.now.crc = header_crc(queue.now);
  settle();
  queue.kept->header[queue.now.generation & 1] = queue.now;
  settle();
}

void count_lost(EventQueue &queue, uint8_t count) {
  const uint16_t sum = static_cast<uint16_t>(queue.now.lost) + count;
  queue.now.lost = sum > 255 ? 255 : static_cast<uint8_t>(sum);
}

void begin_stream(EventQueue &queue, uint32_t boot) {
  queue.now.magic = MAGIC;
  queue.now.stream = boot;
  queue.now.first = 1;
  queue.now.count = 0;
  queue.now.kept = 0;
}

bool events_intact(const EventQueue &queue) {
  for (uint8_t i = 0; i < queue.now.count; i++) {
    const uint16_t sequence = static_cast<uint16_t>(queue.now.first + i);
    const StoredEvent &event = event_at(queue, sequence);
    if (event.length > EVENT_DATA || event.crc != event_crc(event, sequence)) return false;
  }
  return true;
}

/** How full the queue may be for an event of this type to be taken. */
uint8_t room_for(uint8_t type) {
  switch (type) {
    case EVENT_INPUT:
    case EVENT_BUTTON:
    case EVENT_CARD_ERROR: return EVENT_CAPACITY / 2;
    case EVENT_STATE: return EVENT_CAPACITY * 3 / 4;
    case EVENT_CARD: return EVENT_CAPACITY - 4;
    default: return EVENT_CAPACITY;
  }
}

} // namespace

void events_start(EventQueue &queue, Retained &kept, uint32_t boot) {
  queue.kept = &kept;
  queue.in_flight = 0;
  queue.sent_at = 0;
  const bool first = header_valid(kept.header[0]);
  const bool second = header_valid(kept.header[1]);
  if (first || second) {
    const bool take_second =
        second && (!first || static_cast<int8_t>(kept.header[1].generation - kept.header[0].generation) > 0);
    queue.now = kept.header[take_second ? 1 : 0];
    if (events_intact(queue)) return;
    count_lost(queue, queue.now.count);
  } else {
    // Without the mark this is the noise of a power-up; with it, something that had been a queue.
    queue.now.generation = 0;
    queue.now.openings = 0;
    queue.now.lost = kept.header[0].magic == MAGIC || kept.header[1].magic == MAGIC ? 1 : 0;
  }
  begin_stream(queue, boot);
  commit(queue);
}

bool events_push(EventQueue &queue, uint32_t boot, uint32_t time, uint8_t type, const uint8_t *data, uint8_t length) {
  if (queue.now.count >= room_for(type) || length > EVENT_DATA) {
    count_lost(queue, 1);
    commit(queue);
    return false;
  }
  const uint16_t sequence = events_next_sequence(queue);
  StoredEvent &event = queue.kept->slot[sequence % EVENT_CAPACITY];
  event.boot = boot;
  event.time = time;
  event.type = type;
  event.length = length;
  for (uint8_t i = 0; i < EVENT_DATA; i++) event.data[i] = i < length ? data[i] : 0;
  event.crc = event_crc(event, sequence);
  queue.now.count++;
  commit(queue);
  return true;
}

void events_acknowledge(EventQueue &queue, uint32_t now, uint32_t stream, uint16_t sequence) {
  if (stream != queue.now.stream) return;
  const uint16_t done = static_cast<uint16_t>(sequence - queue.now.first + 1);
  if (done == 0 || done > queue.now.count) return;
  queue.now.first = static_cast<uint16_t>(queue.now.first + done);
  queue.now.count = static_cast<uint8_t>(queue.now.count - done);
  queue.in_flight = done < queue.in_flight ? static_cast<uint8_t>(queue.in_flight - done) : 0;
  queue.sent_at = now;
  commit(queue);
}

bool events_due(const EventQueue &queue, uint32_t now, uint16_t &sequence) {
  if (queue.in_flight < queue.now.count && queue.in_flight < EVENT_WINDOW) {
    sequence = static_cast<uint16_t>(queue.now.first + queue.in_flight);
    return true;
  }
  sequence = queue.now.first;
  return queue.in_flight > 0 && now - queue.sent_at >= EVENT_RESEND_MS;
}

void events_sent(EventQueue &queue, uint32_t now, uint16_t sequence) {
  if (sequence == queue.now.first) queue.sent_at = now;
  if (sequence == static_cast<uint16_t>(queue.now.first + queue.in_flight)) queue.in_flight++;
}

void events_keep(EventQueue &queue, uint8_t kept) {
  if (queue.now.kept == kept) return;
  queue.now.kept = kept;
  commit(queue);
}

} // namespace palang
