#include "../core/counter_store.h"

#include <cstring>

#include "bench.h"
#include "check.h"

using namespace palang;

namespace {

uint8_t eeprom[1024];

uint8_t read(uint16_t address) { return eeprom[address]; }

void erase() { std::memset(eeprom, 0xFF, sizeof eeprom); }

const uint8_t SLOTS = 5;

CounterStore start(CounterCondition expected) {
  CounterStore store;
  CHECK_EQUAL(counter_start(store, read, 12, SLOTS), expected);
  return store;
}

/** Writes until done, or `most` bytes. */
void store_value(CounterStore &store, uint32_t value, int most = 1000) {
  uint16_t address;
  uint8_t byte;
  while (most-- > 0 && counter_next_write(store, value, address, byte)) {
    CHECK(address >= 12 && address < 12 + SLOTS * COUNTER_RECORD);
    eeprom[address] = byte;
  }
}

} // namespace

TEST("an erased memory is blank, and counts from zero") {
  erase();
  CounterStore store = start(COUNTER_BLANK);
  CHECK_EQUAL(store.stored, 0);
  store_value(store, 1);
  CHECK_EQUAL(start(COUNTER_FOUND).stored, 1);
}

TEST("a memory that holds something else is unreadable") {
  erase();
  eeprom[20] = 0x42;
  CHECK_EQUAL(start(COUNTER_UNREADABLE).stored, 0);
}

TEST("the newest value is found after any number of turns of the ring, and each write wears another cell") {
  erase();
  CounterStore store = start(COUNTER_BLANK);
  for (uint32_t value = 1; value < 300; value++) {
    uint8_t before[sizeof eeprom];
    std::memcpy(before, eeprom, sizeof eeprom);
    store_value(store, value);
    int changed_slots = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      changed_slots += std::memcmp(before + 12 + slot * COUNTER_RECORD, eeprom + 12 + slot * COUNTER_RECORD, COUNTER_RECORD) ? 1 : 0;
    }
    CHECK_EQUAL(changed_slots, 1);
    CHECK_EQUAL(start(COUNTER_FOUND).stored, value);
  }
}

TEST("power lost after any byte of a write leaves the old value or the new one") {
  for (int bytes = 0; bytes <= COUNTER_RECORD; bytes++) {
    erase();
    CounterStore store = start(COUNTER_BLANK);
    for (uint32_t value = 1; value <= 7; value++) store_value(store, value);
    store_value(store, 8, bytes);
    const uint32_t found = start(COUNTER_FOUND).stored;
    CHECK_EQUAL(found, bytes == COUNTER_RECORD ? 8 : 7);
  }
}

TEST("a value that changes while it is being written is written next") {
  erase();
  CounterStore store = start(COUNTER_BLANK);
  store_value(store, 1, 3);
  store_value(store, 2);
  CHECK_EQUAL(start(COUNTER_FOUND).stored, 2);
}

TEST("cells that do not hold what was written are passed over, and given up after three") {
  erase();
  CounterStore store = start(COUNTER_BLANK);
  uint16_t address;
  uint8_t byte;
  int writes = 0;
  while (counter_next_write(store, 1, address, byte) && writes < 1000) writes++; // nothing sticks
  CHECK(counter_worn_out(store));
  CHECK_EQUAL(writes, 3 * COUNTER_RECORD);
}

TEST("two stores never read each other's records") {
  erase();
  CounterStore store = start(COUNTER_BLANK);
  store_value(store, 9);
  CounterStore other;
  CHECK_EQUAL(counter_start(other, read, 6, 3), COUNTER_UNREADABLE);
}

TEST("an opening counted just before a reset is not forgotten when EEPROM had no time to take it") {
  Bench bench;
  bench.open();
  CHECK_EQUAL(bench.ask().openings, 1);
  bench.boot = 8;
  bench.reset(); // the bench's EEPROM says 0
  bench.run(1);
  CHECK_EQUAL(bench.ask().openings, 1);
}
