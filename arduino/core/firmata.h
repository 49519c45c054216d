// Firmata 2.5 for the free pins. The pins of the barrier, the loops and the reader answer to nobody here.
#ifndef PALANG_FIRMATA_H
#define PALANG_FIRMATA_H

#include <stdint.h>

#include "transmit.h"

namespace palang {

enum PinMode : uint8_t { PIN_INPUT = 0x00, PIN_OUTPUT = 0x01, PIN_ANALOG = 0x02, PIN_PWM = 0x03, PIN_PULLUP = 0x0B };

const uint8_t FREE_PINS = 8; // D6, D13, A0-A5 in this order
const uint8_t NO_FREE_PIN = 0xFF;

/** Arduino pin number (0-19) of a free pin, and back; NO_FREE_PIN for a safety pin or none at all. */
uint8_t pin_of_free(uint8_t index);
uint8_t free_of_pin(uint8_t pin);

struct Firmata {
  uint8_t mode[FREE_PINS];  // PinMode
  uint8_t value[FREE_PINS]; // what is driven: 0 or 1, for PWM the duty of 255
  uint8_t dirty;            // bit per free pin: the adapter has to apply mode and value
  uint8_t reported_ports;   // bit per 8-pin port
  uint8_t port_sent[3];     // level last reported
  uint8_t port_known;       // bit per port: port_sent is valid
  uint8_t reported_analog;  // bit per channel A0-A5
  uint8_t analog_wanted;    // bit per channel: the adapter owes a sample
  uint16_t interval;        // ms between analog samples
  uint32_t sampled_at;      // ms
  uint8_t refused_writes;   // host writes to safety pins; stays at 255
};

void firmata_start(Firmata &firmata, Transmit &out);

/** A Firmata message: `status` with its data bytes, or F0 with the sysex command in data[0]. Unknown ones are ignored. */
void firmata_receive(Firmata &firmata, Transmit &out, uint8_t status, const uint8_t *data, uint8_t length);

/** Reports what changed. `levels`: bit per free pin, as it reads now. */
void firmata_tick(Firmata &firmata, Transmit &out, uint32_t now, uint8_t levels);

/** A sample (0-1023) of a channel (0-5) that was wanted. */
void firmata_analog(Firmata &firmata, Transmit &out, uint8_t channel, uint16_t sample);

} // namespace palang

#endif
