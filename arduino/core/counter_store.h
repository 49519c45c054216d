// A rising counter in EEPROM: a ring of guarded records, so that each cell wears slowly and a torn write loses nothing.
#ifndef PALANG_COUNTER_STORE_H
#define PALANG_COUNTER_STORE_H

#include <stdint.h>

namespace palang {

/** value u32, CRC u16 over the region's tag and the value. */
const uint8_t COUNTER_RECORD = 6;

typedef uint8_t (*EepromRead)(uint16_t address);

struct CounterStore {
  EepromRead read;
  uint16_t base; // first address; also the tag that keeps two stores from reading each other
  uint8_t slots;
  uint8_t slot;    // being written, or next to be written
  uint8_t written; // bytes of the record under way
  uint8_t failures; // records in a row that did not read back
  bool writing;
  uint8_t record[COUNTER_RECORD];
  uint32_t stored; // the newest value that is known to be in EEPROM
};

enum CounterCondition : uint8_t { COUNTER_FOUND, COUNTER_BLANK, COUNTER_UNREADABLE };

/** Finds the newest record. BLANK (never written) and UNREADABLE leave `stored` at 0. */
CounterCondition counter_start(CounterStore &store, EepromRead read, uint16_t base, uint8_t slots);

/**
 * The next byte to write on the way to storing `value`; false when nothing is to be done. Call only while the EEPROM is
 * ready: a byte takes 3.4 ms there, so the main loop writes one and goes on.
 */
bool counter_next_write(CounterStore &store, uint32_t value, uint16_t &address, uint8_t &byte);

/** True when EEPROM records keep failing to read back. */
inline bool counter_worn_out(const CounterStore &store) { return store.failures >= 3; }

} // namespace palang

#endif
