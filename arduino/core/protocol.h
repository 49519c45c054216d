// The numbers of PROTOCOL.md, in one place.
#ifndef PALANG_PROTOCOL_H
#define PALANG_PROTOCOL_H

#include <stdint.h>

namespace palang {

enum UserCommand : uint8_t {
  SYSEX_PING = 0x01, // host; the board answers with STATUS under the same number
  SYSEX_COMMAND = 0x02,
  SYSEX_EVENT = 0x03, // board; the host answers with EVENT_ACK under the same number
  SYSEX_SETTINGS = 0x04,
  SYSEX_USER_LAST = 0x0F
};

enum Operation : uint8_t { OP_RAISE = 1, OP_LOWER = 2, OP_HOLD = 3, OP_RELEASE = 4, OP_STOP = 5 };

enum Result : uint8_t {
  RESULT_ACCEPTED = 0,
  RESULT_STALE_BOOT = 2,
  RESULT_OLD_SEQUENCE = 3,
  RESULT_EXPIRED = 4,
  RESULT_NO_LEASE = 5,
  RESULT_FAULT = 6,
  RESULT_UNKNOWN_OPERATION = 7,
  RESULT_RATE_LIMITED = 8,
  RESULT_DUPLICATE_BIT = 0x80
};

enum EventType : uint8_t {
  EVENT_INPUT = 1,
  EVENT_CARD = 2,
  EVENT_CARD_ERROR = 3,
  EVENT_BUTTON = 4,
  EVENT_STATE = 5,
  EVENT_FAULT = 6,
  EVENT_OPENING = 7,
  EVENT_PASSAGE = 8
};

enum ArmState : uint8_t {
  ARM_CLOSED = 0,
  ARM_RAISING = 1,
  ARM_OPEN = 2,
  ARM_LOWERING = 3,
  ARM_STOPPED = 4,
  ARM_UNKNOWN = 5
};

enum Cause : uint8_t {
  CAUSE_UNEXPLAINED = 0,
  CAUSE_COMMAND = 1,
  CAUSE_REFLEX = 2,
  CAUSE_SELF_CLOSE = 3,
  CAUSE_LIMIT_SWITCH = 4,
  CAUSE_TIMEOUT = 5
};

enum InputBit : uint8_t {
  IN_ARMING = 1 << 0,
  IN_CLOSING = 1 << 1,
  IN_LOWER_LIMIT = 1 << 2,
  IN_UPPER_LIMIT = 1 << 3,
  IN_BUTTON = 1 << 4,
  IN_ARM_IN_PLACE = 1 << 5,
  IN_READER_IDLE = 1 << 6
};

enum FlagBit : uint8_t {
  FLAG_LEASE = 1 << 0,
  FLAG_HOLD = 1 << 1,
  FLAG_LOWER_REQUESTED = 1 << 2,
  FLAG_RAISE_RELAY = 1 << 3,
  FLAG_LOWER_RELAY = 1 << 4,
  FLAG_PASSAGE = 1 << 5
};

enum FaultBit : uint16_t {
  FAULT_BOTH_LIMITS = 1 << 0,
  FAULT_ARM_BROKEN = 1 << 1,
  FAULT_RAISE_TIMEOUT = 1 << 2,
  FAULT_LOWER_TIMEOUT = 1 << 3,
  FAULT_OPEN_TOO_LONG = 1 << 4,
  FAULT_LOOP_STUCK = 1 << 5,
  FAULT_LOOP_CHATTERS = 1 << 6,
  FAULT_COUNTER_UNREADABLE = 1 << 7
};

const uint16_t FAULTS_FORBID_MOTION = FAULT_BOTH_LIMITS | FAULT_ARM_BROKEN;
const uint16_t FAULTS_FORBID_CLOSING = FAULTS_FORBID_MOTION | FAULT_LOOP_STUCK | FAULT_LOOP_CHATTERS;

const uint8_t PASSAGE_ENTERED = 1;
const uint8_t PASSAGE_LEFT = 2;
const uint8_t CARD_WRONG_LENGTH = 1;
const uint8_t CARD_WRONG_PARITY = 2;
const uint8_t PROFILE_SELF_CLOSE = 1 << 0;
const uint8_t PROTOCOL_VERSION = 1;

const uint32_t LEASE_MS = 2000;
const uint32_t MAX_COMMAND_AGE_MS = 5000;
const uint32_t STAMP_AHEAD_MS = 50;
const uint32_t STANDING_REQUEST_MS = 10000;
const uint8_t MAX_RAISES_PER_MINUTE = 20;
const uint16_t PULSE_MS = 400;
const uint16_t PULSE_GAP_MS = 200;
const uint16_t DEBOUNCE_MS = 30;
const uint32_t LOOP_STUCK_MS = 600000;
const uint32_t LOOP_QUIET_MS = 2000;
const uint8_t LOOP_CHATTER_EDGES = 10;
const uint16_t EVENT_RESEND_MS = 100;
const uint8_t EVENT_WINDOW = 4;

} // namespace palang

#endif
