#include <Arduino.h>
#include <util/atomic.h>

#include "board.h"

using namespace palang;

namespace {

WiegandFrame reading; // written by the interrupts, so touched only with interrupts off

} // namespace

ISR(INT0_vect) { wiegand_pulse(reading, micros(), 0); }
ISR(INT1_vect) { wiegand_pulse(reading, micros(), 1); }

void board_reader_start() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    wiegand_clear(reading);
    EICRA = (1 << ISC01) | (1 << ISC11); // falling edges
    EIFR = (1 << INTF0) | (1 << INTF1);
    EIMSK = (1 << INT0) | (1 << INT1);
  }
}

bool board_take_card(WiegandFrame &frame) {
  bool complete = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (wiegand_complete(reading, micros())) {
      frame = reading;
      wiegand_clear(reading);
      complete = true;
    }
  }
  return complete;
}
