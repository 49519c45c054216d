// The controller on a table: virtual time, switches to flip, a host at the wire.
#ifndef PALANG_TESTS_BENCH_H
#define PALANG_TESTS_BENCH_H

#include <deque>
#include <memory>

#include "../core/controller.h"
#include "host.h"

struct Event {
  uint32_t stream;
  uint16_t sequence;
  uint32_t boot;
  uint32_t time;
  uint8_t type;
  host::Bytes data;
};

struct Status {
  uint32_t boot, uptime, openings, stream;
  uint16_t nonce, faults, last_sequence, next_event;
  uint8_t state, inputs, flags, pending, lost_events, crc_errors, refused_writes, reset_reason, version;
};

class Bench {
public:
  palang::Controller controller;
  std::unique_ptr<palang::Retained> kept;
  uint32_t now = 1000;
  uint8_t inputs = palang::IN_LOWER_LIMIT | palang::IN_ARM_IN_PLACE | palang::IN_READER_IDLE;
  uint8_t free_levels = 0;
  uint32_t boot = 7;
  bool acknowledges = true; // events, as they come
  bool pings = true;        // every 500 ms
  std::vector<Event> events;
  std::vector<host::Message> others; // acknowledgements and Firmata messages, oldest first
  Status status = Status();

  Bench();

  /** Starts again, as after an external reset: memory stays, time begins anew. */
  void reset();

  /** Lets time pass, one pass a millisecond. */
  void run(uint32_t ms);

  /** Puts bytes on the wire, to be taken in the next pass. */
  void send(const host::Bytes &bytes);

  /** Runs one pass without time passing. */
  void pass();

  void set(uint8_t input, bool active);

  /** Sends a fresh command with the next sequence number and returns the board's answer. */
  uint8_t command(palang::Operation operation, uint16_t argument = 0);

  /** Asks for a fresh STATUS. */
  const Status &ask();

  /** Moves the arm: leaves a limit now and arrives at the other after `ms`. */
  void arm_moves_up(uint32_t ms = 500);
  void arm_moves_down(uint32_t ms = 500);

  /** Raises the arm by command, honestly. */
  void open();

  palang::Relay relay() const { return controller.barrier.relays.on; }
  palang::ArmState state() const { return controller.barrier.state; }
  size_t count(palang::EventType type) const;
  const Event &last(palang::EventType type) const;
  uint16_t sequence = 0;

private:
  host::Bytes received;
  uint32_t next_ping = 0;
  void listen();
  void take(const host::Message &message);
};

#endif
