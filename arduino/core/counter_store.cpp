#include "counter_store.h"

#include "crc16.h"
#include "little_endian.h"

namespace palang {

namespace {

uint16_t record_crc(const CounterStore &store, const uint8_t *record) {
  return crc16(crc16_byte(CRC16_INITIAL, static_cast<uint8_t>(store.base >> 2)), record, 4);
}

uint16_t address_of(const CounterStore &store, uint8_t slot) {
  return static_cast<uint16_t>(store.base + static_cast<uint16_t>(slot) * COUNTER_RECORD);
}

void read_record(const CounterStore &store, uint8_t slot, uint8_t *record) {
  for (uint8_t i = 0; i < COUNTER_RECORD; i++) record[i] = store.read(static_cast<uint16_t>(address_of(store, slot) + i));
}

void advance(CounterStore &store) {
  store.slot = static_cast<uint8_t>((store.slot + 1) % store.slots);
  store.written = 0;
  store.writing = false;
}

void check_record(CounterStore &store) {
  uint8_t found[COUNTER_RECORD];
  bool same = true;
  read_record(store, store.slot, found);
  for (uint8_t i = 0; i < COUNTER_RECORD; i++) same = same && found[i] == store.record[i];
  if (same) {
    store.stored = read_u32(store.record);
    store.failures = 0;
  } else if (store.failures < 255) {
    store.failures++;
  }
  advance(store);
}

} // namespace

CounterCondition counter_start(CounterStore &store, EepromRead read, uint16_t base, uint8_t slots) {
  bool blank = true;
  bool found = false;
  store.read = read;
  store.base = base;
  store.slots = slots;
  store.slot = store.written = store.failures = 0;
  store.writing = false;
  store.stored = 0;
  for (uint8_t slot = 0; slot < slots; slot++) {
    uint8_t record[COUNTER_RECORD];
    read_record(store, slot, record);
    for (uint8_t i = 0; i < COUNTER_RECORD; i++) blank = blank && record[i] == 0xFF;
    if (read_u16(record + 4) != record_crc(store, record)) continue;
    const uint32_t value = read_u32(record);
    if (found && value < store.stored) continue;
    found = true;
    store.stored = value;
    store.slot = static_cast<uint8_t>((slot + 1) % slots);
  }
  return found ? COUNTER_FOUND : blank ? COUNTER_BLANK : COUNTER_UNREADABLE;
}

bool counter_next_write(CounterStore &store, uint32_t value, uint16_t &address, uint8_t &byte) {
  if (store.writing && store.written == COUNTER_RECORD) check_record(store);
  if (!store.writing) {
    if (value == store.stored || counter_worn_out(store)) return false;
    write_u32(store.record, value);
    write_u16(store.record + 4, record_crc(store, store.record));
    store.writing = true;
  }
  address = static_cast<uint16_t>(address_of(store, store.slot) + store.written);
  byte = store.record[store.written++];
  return true;
}

} // namespace palang
