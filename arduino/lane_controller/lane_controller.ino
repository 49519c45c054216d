// The lane controller: samples, decides (in core/), acts. The protocol is in ../PROTOCOL.md, the wiring in ../README.md.
// No pass of loop() waits for anything; it takes well below a millisecond.
#include <avr/wdt.h>

#include "board.h"

using namespace palang;

namespace {

const uint8_t BYTES_A_PASS = 16;

Controller controller;
bool counter_works = true;

void receive(uint32_t now) {
  for (uint8_t i = 0; i < BYTES_A_PASS && Serial.available() > 0; i++) {
    controller_receive(controller, now, static_cast<uint8_t>(Serial.read()));
  }
}

// Only as much as the serial buffer takes: Serial.write() on a full buffer would wait.
void transmit() {
  int room = Serial.availableForWrite();
  while (room-- > 0 && transmit_waiting(controller.out) > 0) Serial.write(transmit_take(controller.out));
}

void take_card(uint32_t now) {
  WiegandFrame frame;
  if (board_take_card(frame)) controller_card(controller, now, frame);
}

void keep_openings() {
  const bool works = board_store_openings(controller.barrier.openings);
  if (counter_works && !works) controller_counter_failed(controller);
  counter_works = works;
}

} // namespace

void setup() {
  wdt_enable(WDTO_1S);
  board_pins_start();
  const BoardFacts counters = board_counters_start();
  const StartFacts facts = {counters.boot, counters.openings, board_inputs(), board_reset_reason(),
                            counters.counter_unreadable};
  controller_start(controller, board_retained(), millis(), facts);
  board_reader_start();
  Serial.begin(57600);
}

void loop() {
  const uint32_t now = millis();
  wdt_reset();
  receive(now);
  take_card(now);
  controller_tick(controller, now, board_inputs(), board_free_levels());
  board_relay(controller.barrier.relays.on);
  board_free_pins(controller.firmata);
  board_sample_analog(controller);
  transmit();
  keep_openings();
  if (Serial.available() == 0) board_rest();
}
