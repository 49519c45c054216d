// The Uno's hardware as the sketch needs it. Nothing here decides anything.
#ifndef PALANG_BOARD_H
#define PALANG_BOARD_H

#include <stdint.h>

#include "../core/controller.h"

/** Inputs with pull-ups; a change of the loops, switches or contacts ends board_rest(). */
void board_pins_start();

/** Sleeps to the next interrupt: an input, a byte, a card pulse, or the clock's millisecond. */
void board_rest();

/** InputBit, read from the port registers. */
uint8_t board_inputs();

/** Bit per free pin, as it reads. */
uint8_t board_free_levels();

/** Energises exactly this relay, dropping the other one first. */
void board_relay(palang::Relay relay);

/** Sets the free pins whose mode or value changed. */
void board_free_pins(palang::Firmata &firmata);

/** Takes at most one of the analog samples that are owed: a conversion takes 0.1 ms. */
void board_sample_analog(palang::Controller &controller);

/** Listens to the card reader. */
void board_reader_start();

/** True with a copy when the card reader has finished a frame. */
bool board_take_card(palang::WiegandFrame &frame);

/** MCUSR as it was at the start; 0 when a boot loader cleared it. */
uint8_t board_reset_reason();

/** The event queue's memory, which the start-up code does not clear. */
palang::Retained &board_retained();

/** Persistent counters. */
struct BoardFacts {
  uint32_t boot;
  uint32_t openings;
  bool counter_unreadable;
};

/** Reads the counters and stores the new boot number: blocks for about 20 ms. */
BoardFacts board_counters_start();

/** Brings the stored opening counter one EEPROM byte nearer to `openings`. False when the EEPROM is worn out. */
bool board_store_openings(uint32_t openings);

#endif
