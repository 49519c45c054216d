// The lane controller: everything above as one machine that takes bytes, samples and time, and yields relay levels, pin
// levels and bytes. It owns no hardware.
#ifndef PALANG_CONTROLLER_H
#define PALANG_CONTROLLER_H

#include "barrier.h"
#include "command_gate.h"
#include "event_queue.h"
#include "firmata.h"
#include "inputs.h"
#include "parser.h"
#include "transmit.h"
#include "wiegand.h"

namespace palang {

struct Controller {
  uint32_t boot;
  uint8_t reset_reason;
  uint8_t crc_errors; // our own messages with a wrong sum or length; stays at 255
  Inputs inputs;
  Barrier barrier;
  CommandGate gate;
  EventQueue events;
  Parser parser;
  Transmit out;
  Firmata firmata;
};

/** What the adapter found at the start. */
struct StartFacts {
  uint32_t boot;
  uint32_t openings;
  uint8_t inputs;       // InputBit, as read
  uint8_t reset_reason; // MCUSR, or 0 when a boot loader hid it
  bool counter_unreadable;
};

void controller_start(Controller &controller, Retained &kept, uint32_t now, const StartFacts &facts);

/** Takes one byte of the host. */
void controller_receive(Controller &controller, uint32_t now, uint8_t byte);

/** Takes a complete frame of the card reader. */
void controller_card(Controller &controller, uint32_t now, const WiegandFrame &frame);

/** The EEPROM lost its opening counter, or is worn out. */
void controller_counter_failed(Controller &controller);

/**
 * One pass. `raw`: InputBit as read now; `free_levels`: bit per free pin. Afterwards `barrier.relays.on` is what the relay
 * pins must show, `out` what the UART must send, `firmata.dirty` which free pins to set, `barrier.openings` what the EEPROM must hold.
 */
void controller_tick(Controller &controller, uint32_t now, uint8_t raw, uint8_t free_levels);

} // namespace palang

#endif
