#include "firmata.h"

namespace palang {

namespace {

const uint8_t PIN_COUNT = 20;
const uint8_t CAPABILITY_LENGTH = 85;

bool is_analog(uint8_t index) { return index >= 2; }

bool supports(uint8_t index, uint8_t mode) {
  switch (mode) {
    case PIN_INPUT:
    case PIN_OUTPUT:
    case PIN_PULLUP: return true;
    case PIN_PWM: return index == 0;
    case PIN_ANALOG: return is_analog(index);
    default: return false;
  }
}

bool is_input(uint8_t mode) { return mode == PIN_INPUT || mode == PIN_PULLUP; }

void refuse(Firmata &firmata) {
  if (firmata.refused_writes < 255) firmata.refused_writes++;
}

void drive(Firmata &firmata, uint8_t index, uint8_t value) {
  firmata.value[index] = value;
  firmata.dirty |= static_cast<uint8_t>(1 << index);
}

void reset_pins(Firmata &firmata) {
  for (uint8_t i = 0; i < FREE_PINS; i++) {
    firmata.mode[i] = is_analog(i) ? PIN_ANALOG : PIN_INPUT;
    firmata.value[i] = 0;
  }
  firmata.dirty = 0xFF;
  firmata.reported_ports = firmata.port_known = firmata.reported_analog = firmata.analog_wanted = 0;
  firmata.interval = 19;
}

void set_mode(Firmata &firmata, uint8_t pin, uint8_t mode) {
  const uint8_t index = free_of_pin(pin);
  if (index == NO_FREE_PIN) return refuse(firmata);
  if (!supports(index, mode)) return;
  firmata.mode[index] = mode;
  drive(firmata, index, 0);
  firmata.port_known &= static_cast<uint8_t>(~(1 << (pin / 8)));
}

void set_digital(Firmata &firmata, uint8_t pin, bool high) {
  const uint8_t index = free_of_pin(pin);
  if (index == NO_FREE_PIN) return refuse(firmata);
  if (firmata.mode[index] == PIN_OUTPUT) drive(firmata, index, high ? 1 : 0);
  // The old way of asking for a pull-up, which clients still use.
  else if (is_input(firmata.mode[index])) set_mode(firmata, pin, high ? PIN_PULLUP : PIN_INPUT);
}

void set_analog(Firmata &firmata, uint8_t pin, uint16_t value) {
  const uint8_t index = free_of_pin(pin);
  if (index == NO_FREE_PIN) return refuse(firmata);
  if (firmata.mode[index] == PIN_PWM) drive(firmata, index, value > 255 ? 255 : static_cast<uint8_t>(value));
}

/**
 * A client writes whole ports from its cache: a 0 for a pin that is not its own is no attempt on it, a 1 is. Only outputs
 * follow, so that one pin's write does not switch off its neighbour's pull-up.
 */
void set_port(Firmata &firmata, uint8_t port, uint8_t bits) {
  for (uint8_t i = 0; i < 8; i++) {
    const uint8_t pin = static_cast<uint8_t>(port * 8 + i);
    const bool high = (bits >> i) & 1;
    const uint8_t index = free_of_pin(pin);
    if (index == NO_FREE_PIN) {
      if (high) refuse(firmata);
    } else if (firmata.mode[index] == PIN_OUTPUT && firmata.value[index] != (high ? 1 : 0)) {
      drive(firmata, index, high ? 1 : 0);
    }
  }
}

void put_all(Transmit &out, const uint8_t *bytes, uint8_t length) {
  if (!transmit_fits(out, length, RESERVE_FIRMATA)) return; // the client asks again
  for (uint8_t i = 0; i < length; i++) transmit_put(out, bytes[i]);
}

void send_version(Transmit &out) {
  const uint8_t message[3] = {0xF9, 2, 5};
  put_all(out, message, sizeof message);
}

void send_firmware(Transmit &out) {
  const uint8_t message[] = {0xF0, 0x79, 1,   0, 'P', 0, 'a', 0, 'l', 0, 'a', 0,   'n',
                             0,    'g',  0, 'L', 0,   'a', 0, 'n', 0, 'e', 0, 0xF7};
  put_all(out, message, sizeof message);
}

void send_capabilities(Transmit &out) {
  if (!transmit_fits(out, CAPABILITY_LENGTH, RESERVE_FIRMATA)) return;
  transmit_put(out, 0xF0);
  transmit_put(out, 0x6C);
  for (uint8_t pin = 0; pin < PIN_COUNT; pin++) {
    const uint8_t index = free_of_pin(pin);
    for (uint8_t mode = 0; mode <= PIN_PULLUP && index != NO_FREE_PIN; mode++) {
      if (!supports(index, mode)) continue;
      transmit_put(out, mode);
      transmit_put(out, mode == PIN_ANALOG ? 10 : mode == PIN_PWM ? 8 : 1); // resolution in bits
    }
    transmit_put(out, 0x7F);
  }
  transmit_put(out, 0xF7);
}

void send_analog_mapping(Transmit &out) {
  if (!transmit_fits(out, PIN_COUNT + 3, RESERVE_FIRMATA)) return;
  transmit_put(out, 0xF0);
  transmit_put(out, 0x6A);
  for (uint8_t pin = 0; pin < PIN_COUNT; pin++) transmit_put(out, pin >= 14 ? static_cast<uint8_t>(pin - 14) : 0x7F);
  transmit_put(out, 0xF7);
}

void send_pin_state(const Firmata &firmata, Transmit &out, uint8_t pin) {
  const uint8_t index = free_of_pin(pin);
  if (index == NO_FREE_PIN) {
    const uint8_t message[4] = {0xF0, 0x6E, pin, 0xF7};
    return put_all(out, message, sizeof message);
  }
  const uint8_t value = firmata.value[index];
  const uint8_t message[7] = {0xF0, 0x6E, pin, firmata.mode[index], static_cast<uint8_t>(value & 0x7F),
                              static_cast<uint8_t>(value >> 7), 0xF7};
  put_all(out, message, sizeof message);
}

void receive_sysex(Firmata &firmata, Transmit &out, const uint8_t *data, uint8_t length) {
  switch (data[0]) {
    case 0x79: return send_firmware(out);
    case 0x6B: return send_capabilities(out);
    case 0x69: return send_analog_mapping(out);
    case 0x6D:
      if (length == 2 && data[1] < PIN_COUNT) send_pin_state(firmata, out, data[1]);
      return;
    case 0x6F: // extended analog
      if (length >= 3) set_analog(firmata, data[1], static_cast<uint16_t>(data[2] | (length > 3 ? data[3] << 7 : 0)));
      return;
    case 0x7A: // sampling interval
      if (length == 3) firmata.interval = static_cast<uint16_t>(data[1] | (data[2] << 7));
      if (firmata.interval < 10) firmata.interval = 10;
      return;
    default: return; // strings, I2C, servo and whatever else: not ours
  }
}

void report_port(Firmata &firmata, Transmit &out, uint8_t port, uint8_t levels) {
  const uint8_t bit = static_cast<uint8_t>(1 << port);
  if (!(firmata.reported_ports & bit)) return;
  uint8_t level = 0;
  for (uint8_t i = 0; i < FREE_PINS; i++) {
    const uint8_t pin = pin_of_free(i);
    if (pin / 8 == port && is_input(firmata.mode[i]) && ((levels >> i) & 1)) level |= static_cast<uint8_t>(1 << (pin % 8));
  }
  if ((firmata.port_known & bit) && firmata.port_sent[port] == level) return;
  if (!transmit_fits(out, 3, RESERVE_FIRMATA)) return; // stays unsent and is tried at the next pass
  const uint8_t message[3] = {static_cast<uint8_t>(0x90 | port), static_cast<uint8_t>(level & 0x7F),
                              static_cast<uint8_t>(level >> 7)};
  put_all(out, message, sizeof message);
  firmata.port_sent[port] = level;
  firmata.port_known |= bit;
}

void set_bit(uint8_t &bits, uint8_t bit, bool on) {
  if (on) bits |= static_cast<uint8_t>(1 << bit);
  else bits &= static_cast<uint8_t>(~(1 << bit));
}

} // namespace

void firmata_start(Firmata &firmata, Transmit &out) {
  reset_pins(firmata);
  firmata.sampled_at = 0;
  firmata.refused_writes = 0;
  send_version(out);
  send_firmware(out);
}

void firmata_receive(Firmata &firmata, Transmit &out, uint8_t status, const uint8_t *data, uint8_t length) {
  const uint8_t channel = status & 0x0F;
  switch (status & 0xF0) {
    case 0x90: return set_port(firmata, channel, static_cast<uint8_t>(data[0] | (data[1] << 7)));
    case 0xE0: return set_analog(firmata, channel, static_cast<uint16_t>(data[0] | (data[1] << 7)));
    case 0xC0:
      if (channel < 6) set_bit(firmata.reported_analog, channel, data[0] != 0);
      return;
    case 0xD0:
      if (channel >= 3) return;
      set_bit(firmata.reported_ports, channel, data[0] != 0);
      set_bit(firmata.port_known, channel, false); // the present level is reported once
      return;
    default: break;
  }
  switch (status) {
    case 0xF0: return receive_sysex(firmata, out, data, length);
    case 0xF4: return set_mode(firmata, data[0], data[1]);
    case 0xF5: return set_digital(firmata, data[0], data[1] != 0);
    case 0xF9: return send_version(out);
    case 0xFF: return reset_pins(firmata);
    default: return;
  }
}

void firmata_tick(Firmata &firmata, Transmit &out, uint32_t now, uint8_t levels) {
  for (uint8_t port = 0; port < 3; port++) report_port(firmata, out, port, levels);
  if (now - firmata.sampled_at < firmata.interval) return;
  firmata.sampled_at = now;
  firmata.analog_wanted = firmata.reported_analog;
}

void firmata_analog(Firmata &firmata, Transmit &out, uint8_t channel, uint16_t sample) {
  firmata.analog_wanted &= static_cast<uint8_t>(~(1 << channel));
  const uint8_t message[3] = {static_cast<uint8_t>(0xE0 | channel), static_cast<uint8_t>(sample & 0x7F),
                              static_cast<uint8_t>(sample >> 7)};
  if (firmata.mode[channel + 2] == PIN_ANALOG) put_all(out, message, sizeof message);
}

} // namespace palang
