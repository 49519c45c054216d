#include "bench.h"

#include <cstring>

#include "check.h"

using namespace palang;

Bench::Bench() : kept(new Retained) {
  std::memset(kept.get(), 0xA5, sizeof *kept);
  reset();
}

void Bench::reset() {
  const StartFacts facts = {boot, 0, inputs, 2, false};
  now = 1000;
  next_ping = now;
  std::memset(static_cast<void *>(&controller), 0xEE, sizeof controller); // nothing may rely on cleared memory
  controller_start(controller, *kept, now, facts);
  received.clear();
  listen();
}

void Bench::send(const host::Bytes &bytes) {
  for (uint8_t byte : bytes) controller_receive(controller, now, byte);
}

void Bench::pass() {
  controller_tick(controller, now, inputs, free_levels);
  controller.firmata.dirty = 0;
  listen();
}

void Bench::run(uint32_t ms) {
  for (uint32_t i = 0; i < ms; i++) {
    if (pings && static_cast<int32_t>(now - next_ping) >= 0) {
      send(host::ping(0xFFFF));
      next_ping = now + 500;
    }
    now++;
    pass();
  }
}

void Bench::set(uint8_t input, bool active) {
  inputs = static_cast<uint8_t>(active ? inputs | input : inputs & ~input);
}

void Bench::listen() {
  while (transmit_waiting(controller.out) > 0) received.push_back(transmit_take(controller.out));
  for (const host::Message &message : host::messages(received)) take(message);
}

void Bench::take(const host::Message &message) {
  const host::Bytes &p = message.payload;
  if (message.command == 1) {
    CHECK_EQUAL(p.size(), 33);
    status.nonce = static_cast<uint16_t>(host::integer(p, 0, 2));
    status.boot = host::integer(p, 2, 4);
    status.uptime = host::integer(p, 6, 4);
    status.state = p.at(10);
    status.inputs = p.at(11);
    status.flags = p.at(12);
    status.faults = static_cast<uint16_t>(host::integer(p, 13, 2));
    status.last_sequence = static_cast<uint16_t>(host::integer(p, 15, 2));
    status.openings = host::integer(p, 17, 4);
    status.stream = host::integer(p, 21, 4);
    status.next_event = static_cast<uint16_t>(host::integer(p, 25, 2));
    status.pending = p.at(27);
    status.lost_events = p.at(28);
    status.crc_errors = p.at(29);
    status.refused_writes = p.at(30);
    status.reset_reason = p.at(31);
    status.version = p.at(32);
  } else if (message.command == 3) {
    events.push_back(Event{host::integer(p, 0, 4), static_cast<uint16_t>(host::integer(p, 4, 2)), host::integer(p, 6, 4),
                           host::integer(p, 10, 4), p.at(14), host::Bytes(p.begin() + 15, p.end())});
    if (acknowledges) send(host::acknowledge(events.back().stream, events.back().sequence));
  } else {
    others.push_back(message);
  }
}

uint8_t Bench::command(Operation operation, uint16_t argument) {
  others.clear();
  send(host::command({boot, ++sequence, operation, now, 1000, argument}));
  pass();
  for (const host::Message &message : others) {
    if (message.command == 2) return message.payload.at(6);
  }
  CHECK(!"the board answered a command");
  return 0xFF;
}

const Status &Bench::ask() {
  send(host::ping(0x1234));
  pass();
  CHECK_EQUAL(status.nonce, 0x1234);
  return status;
}

void Bench::arm_moves_up(uint32_t ms) {
  set(IN_LOWER_LIMIT, false);
  run(ms);
  set(IN_UPPER_LIMIT, true);
  run(DEBOUNCE_MS + 2);
}

void Bench::arm_moves_down(uint32_t ms) {
  set(IN_UPPER_LIMIT, false);
  run(ms);
  set(IN_LOWER_LIMIT, true);
  run(DEBOUNCE_MS + 2);
}

void Bench::open() {
  run(PULSE_MS + PULSE_GAP_MS); // the relays have rested
  CHECK_EQUAL(command(OP_RAISE), RESULT_ACCEPTED);
  CHECK_EQUAL(relay(), RELAY_RAISE);
  arm_moves_up();
  CHECK_EQUAL(state(), ARM_OPEN);
}

size_t Bench::count(EventType type) const {
  size_t found = 0;
  for (const Event &event : events) found += event.type == type ? 1 : 0;
  return found;
}

const Event &Bench::last(EventType type) const {
  for (size_t i = events.size(); i-- > 0;) {
    if (events[i].type == type) return events[i];
  }
  CHECK(!"an event of this type came");
  static const Event none = Event();
  return none;
}
