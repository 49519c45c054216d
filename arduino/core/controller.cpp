#include "controller.h"

#include "crc16.h"
#include "little_endian.h"
#include "pack7.h"

namespace palang {

namespace {

uint8_t flags_of(const Controller &controller) {
  const Barrier &barrier = controller.barrier;
  uint8_t flags = 0;
  if (command_gate_lease_alive(controller.gate)) flags |= FLAG_LEASE;
  if (barrier.hold) flags |= FLAG_HOLD;
  if (barrier.lower_requested) flags |= FLAG_LOWER_REQUESTED;
  if (barrier.relays.on == RELAY_RAISE) flags |= FLAG_RAISE_RELAY;
  if (barrier.relays.on == RELAY_LOWER) flags |= FLAG_LOWER_RELAY;
  if (barrier.under_way) flags |= FLAG_PASSAGE;
  return flags;
}

uint8_t all_crc_errors(const Controller &controller) {
  const uint16_t sum = static_cast<uint16_t>(controller.crc_errors) + controller.parser.dropped;
  return sum > 255 ? 255 : static_cast<uint8_t>(sum);
}

void send_status(Controller &controller, uint32_t now, uint16_t nonce) {
  uint8_t payload[MAX_PAYLOAD];
  const EventQueue &events = controller.events;
  uint8_t *at = write_u16(payload, nonce);
  at = write_u32(at, controller.boot);
  at = write_u32(at, now);
  at = write_u8(at, controller.barrier.state);
  at = write_u8(at, controller.inputs.stable);
  at = write_u8(at, flags_of(controller));
  at = write_u16(at, controller.barrier.faults);
  at = write_u16(at, controller.gate.last_sequence);
  at = write_u32(at, controller.barrier.openings);
  at = write_u32(at, events.now.stream);
  at = write_u16(at, events_next_sequence(events));
  at = write_u8(at, events.now.count);
  at = write_u8(at, events.now.lost);
  at = write_u8(at, all_crc_errors(controller));
  at = write_u8(at, controller.firmata.refused_writes);
  at = write_u8(at, controller.reset_reason);
  at = write_u8(at, PROTOCOL_VERSION);
  transmit_message(controller.out, SYSEX_PING, payload, static_cast<uint8_t>(at - payload), RESERVE_STATUS);
}

bool send_event(Controller &controller, uint16_t sequence) {
  uint8_t payload[MAX_PAYLOAD];
  const StoredEvent &event = event_at(controller.events, sequence);
  uint8_t *at = write_u32(payload, controller.events.now.stream);
  at = write_u16(at, sequence);
  at = write_u32(at, event.boot);
  at = write_u32(at, event.time);
  at = write_u8(at, event.type);
  for (uint8_t i = 0; i < event.length; i++) at = write_u8(at, event.data[i]);
  return transmit_message(controller.out, SYSEX_EVENT, payload, static_cast<uint8_t>(at - payload), RESERVE_EVENT);
}

void receive_command(Controller &controller, uint32_t now, const uint8_t *payload) {
  Command command;
  command.boot = read_u32(payload);
  command.sequence = read_u16(payload + 4);
  command.operation = payload[6];
  command.stamp = read_u32(payload + 7);
  command.ttl = read_u16(payload + 11);
  command.argument = read_u16(payload + 13);
  const uint8_t result = command_gate_check(controller.gate, now, controller.barrier.faults, command);
  if (result == RESULT_ACCEPTED) {
    Recorder recorder = {controller.events, controller.boot, now};
    barrier_command(controller.barrier, recorder, static_cast<Operation>(command.operation), command.argument, command.sequence);
  }
  uint8_t answer[7];
  write_u8(write_u16(write_u32(answer, controller.boot), command.sequence), result);
  transmit_message(controller.out, SYSEX_COMMAND, answer, sizeof answer, RESERVE_NONE);
}

void receive_settings(Controller &controller, const uint8_t *payload) {
  const uint32_t unit = 10; // ms
  const Settings wanted = {read_u16(payload) * unit, read_u16(payload + 2) * unit, read_u16(payload + 4) * unit,
                           read_u16(payload + 6) * unit, payload[8]};
  controller.barrier.settings = settings_limit(wanted);
}

/** False when the length is not that of the command, or there is no such command. */
bool receive_payload(Controller &controller, uint32_t now, uint8_t command, const uint8_t *payload, uint8_t length) {
  switch (command) {
    case SYSEX_PING:
      if (length != 2) return false;
      command_gate_renew_lease(controller.gate, now);
      send_status(controller, now, read_u16(payload));
      return true;
    case SYSEX_COMMAND:
      if (length != 15) return false;
      receive_command(controller, now, payload);
      return true;
    case SYSEX_EVENT:
      if (length != 6) return false;
      events_acknowledge(controller.events, now, read_u32(payload), read_u16(payload + 4));
      return true;
    case SYSEX_SETTINGS:
      if (length != 9) return false;
      receive_settings(controller, payload);
      return true;
    default: return false;
  }
}

/** One of our own messages: command byte and packed payload, unpacked in place. */
bool receive_user_sysex(Controller &controller, uint32_t now, uint8_t *data, uint8_t length) {
  const int16_t count = unpack7(data + 1, static_cast<uint8_t>(length - 1));
  if (count < 2) return false;
  const uint8_t payload_length = static_cast<uint8_t>(count - 2);
  const uint16_t crc = crc16(crc16_byte(CRC16_INITIAL, data[0]), data + 1, payload_length);
  const uint8_t *sent = data + 1 + payload_length;
  if (sent[0] != static_cast<uint8_t>(crc >> 8) || sent[1] != static_cast<uint8_t>(crc)) return false;
  return receive_payload(controller, now, data[0], data + 1, payload_length);
}

void send_events(Controller &controller, uint32_t now) {
  uint16_t sequence;
  if (events_due(controller.events, now, sequence) && send_event(controller, sequence)) {
    events_sent(controller.events, now, sequence);
  }
}

} // namespace

void controller_start(Controller &controller, Retained &kept, uint32_t now, const StartFacts &facts) {
  controller.boot = facts.boot;
  controller.reset_reason = facts.reset_reason;
  controller.crc_errors = 0;
  events_start(controller.events, kept, facts.boot);
  inputs_start(controller.inputs, now, facts.inputs);
  // A reset within 20 ms of an opening finds it here and not yet in EEPROM.
  const uint32_t kept_openings = controller.events.now.openings;
  const uint32_t openings = kept_openings > facts.openings ? kept_openings : facts.openings;
  barrier_start(controller.barrier, now, facts.inputs, openings, controller.events.now.kept);
  if (facts.counter_unreadable) controller_counter_failed(controller);
  command_gate_start(controller.gate, facts.boot);
  parser_start(controller.parser);
  transmit_start(controller.out);
  firmata_start(controller.firmata, controller.out);
}

void controller_receive(Controller &controller, uint32_t now, uint8_t byte) {
  uint8_t status;
  if (!parser_push(controller.parser, byte, status)) return;
  uint8_t *data = controller.parser.data;
  const uint8_t length = controller.parser.length;
  if (status == 0xF0 && data[0] >= SYSEX_PING && data[0] <= SYSEX_USER_LAST) {
    if (!receive_user_sysex(controller, now, data, length) && controller.crc_errors < 255) controller.crc_errors++;
    return;
  }
  firmata_receive(controller.firmata, controller.out, status, data, length);
}

void controller_card(Controller &controller, uint32_t now, const WiegandFrame &frame) {
  Recorder recorder = {controller.events, controller.boot, now};
  Card card;
  const uint8_t reason = wiegand_decode(frame, card);
  uint8_t data[5];
  if (reason == 0) {
    write_u32(write_u8(data, card.bits), card.value);
    recorder.write(EVENT_CARD, data, 5);
  } else {
    write_u8(write_u8(data, frame.count), reason);
    recorder.write(EVENT_CARD_ERROR, data, 2);
  }
}

void controller_counter_failed(Controller &controller) { controller.barrier.faults |= FAULT_COUNTER_UNREADABLE; }

void controller_tick(Controller &controller, uint32_t now, uint8_t raw, uint8_t free_levels) {
  Recorder recorder = {controller.events, controller.boot, now};
  command_gate_tick(controller.gate, now);
  const uint8_t changed = inputs_sample(controller.inputs, now, raw);
  const uint8_t stable = controller.inputs.stable;
  if (changed) {
    const uint8_t data[2] = {stable, changed};
    recorder.write(EVENT_INPUT, data, sizeof data);
    if (changed & stable & IN_BUTTON) recorder.write(EVENT_BUTTON, data, 0);
  }
  barrier_tick(controller.barrier, recorder, raw, stable, changed, command_gate_lease_alive(controller.gate));
  events_keep(controller.events, barrier_kept(controller.barrier));
  send_events(controller, now);
  firmata_tick(controller.firmata, controller.out, now, free_levels);
}

} // namespace palang
