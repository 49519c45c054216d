#include <Arduino.h>
#include <avr/sleep.h>

#include "board.h"

using namespace palang;

namespace {

const uint8_t RAISE_BIT = 1 << PD4;
const uint8_t LOWER_BIT = 1 << PD5;

} // namespace

// Before any constructor: the relays are off within microseconds of the reset.
void early_relays_off() __attribute__((naked, used, section(".init3")));
void early_relays_off() {
  PORTD &= static_cast<uint8_t>(~(RAISE_BIT | LOWER_BIT));
  DDRD |= RAISE_BIT | LOWER_BIT;
}

void board_pins_start() {
  DDRD &= static_cast<uint8_t>(~(1 << PD2 | 1 << PD3 | 1 << PD7));
  PORTD |= 1 << PD2 | 1 << PD3 | 1 << PD7;
  DDRB &= static_cast<uint8_t>(~0x1F);
  PORTB |= 0x1F;
  PCMSK0 = 0x1F;           // D8-D12
  PCMSK2 = 1 << PCINT23;   // D7
  PCICR = 1 << PCIE0 | 1 << PCIE2;
}

// Pin changes only wake the main loop, which samples all inputs at the start of its pass.
EMPTY_INTERRUPT(PCINT0_vect)
EMPTY_INTERRUPT(PCINT2_vect)

void board_rest() {
  set_sleep_mode(SLEEP_MODE_IDLE);
  sleep_mode();
}

uint8_t board_inputs() { return inputs_from_levels(PIND, PINB); }

uint8_t board_free_levels() {
  uint8_t levels = static_cast<uint8_t>((PINC & 0x3F) << 2);
  if (PIND & (1 << PD6)) levels |= 1 << 0;
  if (PINB & (1 << PB5)) levels |= 1 << 1;
  return levels;
}

void board_relay(Relay relay) {
  if (relay != RELAY_RAISE) PORTD &= static_cast<uint8_t>(~RAISE_BIT);
  if (relay != RELAY_LOWER) PORTD &= static_cast<uint8_t>(~LOWER_BIT);
  if (relay == RELAY_RAISE) PORTD |= RAISE_BIT;
  if (relay == RELAY_LOWER) PORTD |= LOWER_BIT;
}

void board_free_pins(Firmata &firmata) {
  for (uint8_t i = 0; firmata.dirty != 0 && i < FREE_PINS; i++) {
    const uint8_t bit = static_cast<uint8_t>(1 << i);
    if (!(firmata.dirty & bit)) continue;
    firmata.dirty &= static_cast<uint8_t>(~bit);
    const uint8_t pin = pin_of_free(i);
    switch (firmata.mode[i]) {
      case PIN_OUTPUT:
        digitalWrite(pin, firmata.value[i] ? HIGH : LOW);
        pinMode(pin, OUTPUT);
        break;
      case PIN_PWM:
        pinMode(pin, OUTPUT);
        analogWrite(pin, firmata.value[i]);
        break;
      default:
        digitalWrite(pin, LOW); // also ends a PWM
        pinMode(pin, firmata.mode[i] == PIN_PULLUP ? INPUT_PULLUP : INPUT);
    }
  }
}

void board_sample_analog(Controller &controller) {
  const uint8_t wanted = controller.firmata.analog_wanted;
  for (uint8_t channel = 0; channel < 6; channel++) {
    if (!(wanted & (1 << channel))) continue;
    firmata_analog(controller.firmata, controller.out, channel, static_cast<uint16_t>(analogRead(channel)));
    return;
  }
}
