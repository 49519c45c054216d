#include <Arduino.h>
#include <avr/eeprom.h>
#include <avr/wdt.h>

#include "board.h"

#include "../core/counter_store.h"
#include "../core/crc16.h"

using namespace palang;

namespace {

// 1,024 bytes of EEPROM. At 100,000 writes a cell: 4.8 million boots and 12 million openings.
const uint16_t BOOTS_AT = 0;
const uint8_t BOOTS_SLOTS = 48;
const uint16_t OPENINGS_AT = 288;
const uint8_t OPENINGS_SLOTS = 120;

Retained retained __attribute__((section(".noinit")));
uint8_t reset_reason __attribute__((section(".noinit")));
CounterStore boots;
CounterStore opening_store;

uint8_t read_eeprom(uint16_t address) { return eeprom_read_byte(reinterpret_cast<const uint8_t *>(address)); }

// eeprom_write_byte() would wait for the cell as well; here only for one that is already being written.
bool pump(CounterStore &store, uint32_t value) {
  uint16_t address;
  uint8_t byte;
  if (!eeprom_is_ready()) return true;
  if (!counter_next_write(store, value, address, byte)) return false;
  eeprom_write_byte(reinterpret_cast<uint8_t *>(address), byte);
  return true;
}

/** A number that two boards, or two starts of a board without EEPROM, hardly share: the noise of memory and inputs. */
uint32_t unlikely_number() {
  uint16_t first = CRC16_INITIAL;
  uint16_t second = 0;
  for (uint16_t at = RAMSTART; at < RAMEND; at++) {
    const uint8_t byte = *reinterpret_cast<volatile uint8_t *>(at);
    first = crc16_byte(first, byte);
    second = crc16_byte(second, static_cast<uint8_t>(byte ^ at));
  }
  for (uint8_t i = 0; i < 64; i++) second = crc16_byte(second, static_cast<uint8_t>(analogRead(i % 6)));
  return (static_cast<uint32_t>(first & 0x7FFF) << 16) | second;
}

} // namespace

// The watchdog stays on, at its shortest period, after it has bitten: disarm it before anything takes time.
void early_watchdog() __attribute__((naked, used, section(".init3")));
void early_watchdog() {
  reset_reason = MCUSR;
  MCUSR = 0;
  wdt_disable();
}

uint8_t board_reset_reason() { return reset_reason; }

Retained &board_retained() { return retained; }

BoardFacts board_counters_start() {
  BoardFacts facts;
  const CounterCondition boot_found = counter_start(boots, read_eeprom, BOOTS_AT, BOOTS_SLOTS);
  const CounterCondition openings_found = counter_start(opening_store, read_eeprom, OPENINGS_AT, OPENINGS_SLOTS);
  facts.boot = (boot_found == COUNTER_FOUND ? boots.stored : unlikely_number()) + 1;
  facts.openings = opening_store.stored;
  facts.counter_unreadable = openings_found == COUNTER_UNREADABLE;
  while (pump(boots, facts.boot)) {
  }
  facts.counter_unreadable = facts.counter_unreadable || counter_worn_out(boots);
  return facts;
}

bool board_store_openings(uint32_t openings) {
  pump(opening_store, openings);
  return !counter_worn_out(opening_store);
}
