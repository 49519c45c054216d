#include "../core/event_queue.h"

#include <cstddef>
#include <cstring>

#include "bench.h"
#include "check.h"

using namespace palang;

namespace {

struct Queue {
  Retained kept;
  EventQueue queue;
  Queue() {
    std::memset(&kept, 0x5A, sizeof kept);
    events_start(queue, kept, 7);
  }
  bool push(uint8_t type, uint8_t value) { return events_push(queue, 7, 100, type, &value, 1); }
};

} // namespace

TEST("a new queue begins its stream at one, with nothing lost") {
  Queue it;
  CHECK_EQUAL(it.queue.now.stream, 7);
  CHECK_EQUAL(events_next_sequence(it.queue), 1);
  CHECK_EQUAL(it.queue.now.lost, 0);
}

TEST("new events go out at once, four at most, and the oldest again every 100 ms") {
  Bench bench;
  bench.acknowledges = false;
  bench.run(1);
  for (uint8_t i = 0; i < 6; i++) {
    bench.set(IN_BUTTON, i % 2 == 0);
    bench.run(40);
  }
  CHECK_EQUAL(bench.events[0].sequence, 1);
  std::size_t fresh = 0;
  uint16_t newest = 0;
  for (const Event &event : bench.events) {
    if (event.sequence > newest) {
      CHECK_EQUAL(event.sequence, newest + 1);
      newest = event.sequence;
      fresh++;
    } else {
      CHECK_EQUAL(event.sequence, 1);
    }
  }
  CHECK_EQUAL(fresh, 4);
  const std::size_t before = bench.events.size();
  bench.run(1000);
  CHECK_EQUAL(bench.events.size() - before, 10);
}

TEST("an acknowledgement is cumulative and lets the next ones out") {
  Bench bench;
  bench.acknowledges = false;
  bench.run(1);
  for (uint8_t i = 0; i < 6; i++) {
    bench.set(IN_BUTTON, i % 2 == 0);
    bench.run(40);
  }
  bench.events.clear();
  bench.send(host::acknowledge(7, 3));
  bench.run(5);
  CHECK_EQUAL(bench.events.size(), 3);
  CHECK_EQUAL(bench.events[0].sequence, 5);
  CHECK_EQUAL(bench.events[2].sequence, 7);
  bench.events.clear();
  bench.run(101);
  CHECK_EQUAL(bench.events[0].sequence, 4);
}

TEST("acknowledgements of another stream, of the past and of the future change nothing") {
  Queue it;
  for (uint8_t i = 0; i < 3; i++) it.push(EVENT_OPENING, i);
  events_acknowledge(it.queue, 0, 8, 1);
  events_acknowledge(it.queue, 0, 7, 0);
  events_acknowledge(it.queue, 0, 7, 4);
  events_acknowledge(it.queue, 0, 7, 40000);
  CHECK_EQUAL(it.queue.now.count, 3);
  events_acknowledge(it.queue, 0, 7, 3);
  CHECK_EQUAL(it.queue.now.count, 0);
}

TEST("sequence numbers run on across their wrap") {
  Queue it;
  for (uint32_t i = 1; i <= 70000; i++) {
    CHECK(it.push(EVENT_OPENING, static_cast<uint8_t>(i)));
    const uint16_t sequence = static_cast<uint16_t>(i);
    CHECK_EQUAL(event_at(it.queue, sequence).data[0], static_cast<uint8_t>(i));
    events_acknowledge(it.queue, 0, 7, sequence);
    CHECK_EQUAL(it.queue.now.count, 0);
  }
}

TEST("a full queue refuses and counts, chatty events first, openings last") {
  Queue it;
  for (int i = 0; i < 100; i++) it.push(EVENT_INPUT, 0);
  CHECK_EQUAL(it.queue.now.count, EVENT_CAPACITY / 2);
  CHECK_EQUAL(it.queue.now.lost, 100 - EVENT_CAPACITY / 2);
  CHECK(it.push(EVENT_CARD, 1));
  CHECK(it.push(EVENT_OPENING, 1));
  for (int i = 0; i < 400; i++) it.push(EVENT_OPENING, 0);
  CHECK_EQUAL(it.queue.now.count, EVENT_CAPACITY);
  CHECK_EQUAL(it.queue.now.lost, 255);
}

TEST("what was not acknowledged survives a reset, with its boot and time") {
  Bench bench;
  bench.acknowledges = false;
  bench.run(1);
  bench.set(IN_BUTTON, true);
  bench.run(40);
  const uint32_t time = bench.last(EVENT_BUTTON).time;
  bench.events.clear();
  bench.boot = 8;
  bench.acknowledges = true;
  bench.reset();
  bench.run(20);
  CHECK_EQUAL(bench.last(EVENT_BUTTON).stream, 7);
  CHECK_EQUAL(bench.last(EVENT_BUTTON).boot, 7);
  CHECK_EQUAL(bench.last(EVENT_BUTTON).time, time);
  CHECK_EQUAL(bench.ask().pending, 0);
  CHECK_EQUAL(bench.status.lost_events, 0);
}

TEST("any damaged byte of a stored event starts a new stream and counts what was lost") {
  for (std::size_t at = 0; at < sizeof(StoredEvent); at++) {
    Queue it;
    it.push(EVENT_CARD, 1);
    it.push(EVENT_OPENING, 2);
    reinterpret_cast<uint8_t *>(&it.kept.slot[1])[at] ^= 0x10;
    events_start(it.queue, it.kept, 8);
    CHECK_EQUAL(it.queue.now.stream, 8);
    CHECK_EQUAL(it.queue.now.count, 0);
    CHECK_EQUAL(it.queue.now.lost, 2);
  }
}

TEST("a reset in the middle of writing an event or the header loses nothing written before") {
  Queue it;
  it.push(EVENT_CARD, 1);
  const Retained before = it.kept;
  it.push(EVENT_OPENING, 2);
  const Retained after = it.kept;
  // The event's slot is written before the header: cut off after each byte of either.
  const std::size_t slot_at = offsetof(Retained, slot) + 2 * sizeof(StoredEvent);
  for (std::size_t written = 0; written <= sizeof(StoredEvent); written++) {
    Retained torn = before;
    std::memcpy(reinterpret_cast<uint8_t *>(&torn) + slot_at, reinterpret_cast<const uint8_t *>(&after) + slot_at, written);
    EventQueue queue;
    events_start(queue, torn, 8);
    CHECK_EQUAL(queue.now.stream, 7);
    CHECK_EQUAL(queue.now.count, 1);
  }
  Retained with_slot = before;
  std::memcpy(&with_slot.slot, &after.slot, sizeof after.slot);
  for (std::size_t written = 0; written <= offsetof(Retained, slot); written++) {
    Retained torn = with_slot;
    std::memcpy(&torn, &after, written);
    EventQueue queue;
    events_start(queue, torn, 8);
    CHECK_EQUAL(queue.now.stream, 7);
    CHECK(queue.now.count == 1 || queue.now.count == 2);
    CHECK_EQUAL(queue.now.lost, 0);
  }
}

TEST("memory that had been a queue and is unreadable counts as a loss, memory that never was does not") {
  Queue it;
  it.push(EVENT_OPENING, 1);
  it.kept.header[0].crc ^= 1;
  it.kept.header[1].crc ^= 1;
  events_start(it.queue, it.kept, 8);
  CHECK_EQUAL(it.queue.now.stream, 8);
  CHECK_EQUAL(it.queue.now.lost, 1);
}

TEST("random memory is never taken for a queue") {
  uint32_t seed = 1;
  for (int i = 0; i < 2000; i++) {
    Queue it;
    for (std::size_t at = 0; at < sizeof it.kept; at++) {
      seed = seed * 1664525u + 1013904223u;
      reinterpret_cast<uint8_t *>(&it.kept)[at] = static_cast<uint8_t>(seed >> 24);
    }
    events_start(it.queue, it.kept, 9);
    CHECK_EQUAL(it.queue.now.stream, 9);
    CHECK_EQUAL(it.queue.now.count, 0);
  }
}
