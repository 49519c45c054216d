// Random inputs and a random, partly malicious host against the whole controller, with a little arm that moves as it is
// driven. After every step the safety properties are checked on what the relay pins would show.
//   property STEPS SEED    exits 1 at the first violation, naming it with its step and seed
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "../core/controller.h"
#include "host.h"

using namespace palang;

namespace check {
void fail(const char *file, int line, const char *what, long long actual, long long expected) {
  std::printf("%s:%d: %s is %lld, expected %lld\n", file, line, what, actual, expected);
  std::exit(1);
}
} // namespace check

namespace {

/** The arm: moves the way it was last pulsed, as a motor with its own latch does. */
struct Arm {
  int position = 0; // 0 down, 1000 up
  int direction = 0;
  bool ours = false; // the motion was pulsed by the board
  int speed = 1;     // per ms
  bool broken = false;

  bool moving_down() const { return direction < 0 && position > 0; }
};

/** An input that tells the truth, except in episodes. */
struct Sensor {
  enum Mood { HONEST, STUCK_ON, STUCK_OFF, CHATTERS } mood = HONEST;
  uint32_t until = 0;
  bool level = false;     // while it chatters: slowly enough at times to get past the debouncing
  uint32_t next_flip = 0;
};

class Site {
public:
  explicit Site(uint32_t seed) : random(seed), seed(seed) {
    std::memset(&kept, 0x5A, sizeof kept);
    start();
  }

  void step();
  void orderly_passage();
  uint64_t steps = 0;
  uint64_t openings = 0, lowerings = 0, reflexes = 0, resets = 0, passages = 0, occupied_steps = 0;

private:
  std::mt19937 random;
  uint32_t seed;
  Controller controller;
  Retained kept;
  Arm arm;
  Sensor lower_limit, upper_limit, closing_loop, arming_loop;
  bool vehicle = false;
  bool calm = false; // an orderly passage: honest sensors, no chaos
  uint32_t now = 0;
  uint32_t boot = 1;
  uint16_t sequence = 0;
  uint32_t pinging_until = 0, next_ping = 0;
  uint8_t raw = 0;
  Relay shown = RELAY_NONE;
  uint32_t shown_since = 0;
  uint32_t step_ms = 1;

  bool chance(uint32_t one_in) { return random() % one_in == 0; }
  void start();
  void upset_the_world();
  void host_says_something();
  void command(uint8_t operation, uint16_t argument, uint32_t stamp, uint16_t ttl, uint32_t for_boot, uint16_t number);
  bool reads(Sensor &sensor, bool truth);
  uint8_t read_inputs();
  void drive_arm();
  void check_step(Relay before);
  void send(const host::Bytes &bytes) {
    for (uint8_t byte : bytes) controller_receive(controller, now, byte);
  }
  [[noreturn]] void violated(const char *what);
};

void Site::violated(const char *what) {
  std::printf("violated: %s (step %llu, seed %u, state %d, raw %02x, stable %02x, faults %02x, arm at %d going %d)\n", what,
              static_cast<unsigned long long>(steps), seed, controller.barrier.state, raw, controller.inputs.stable,
              controller.barrier.faults, arm.position, arm.direction);
  std::exit(1);
}

void Site::start() {
  raw = read_inputs();
  std::memset(static_cast<void *>(&controller), static_cast<int>(random() & 0xFF), sizeof controller);
  controller_start(controller, kept, now, StartFacts{boot, 0, raw, 2, false});
  shown = RELAY_NONE;
}

bool Site::reads(Sensor &sensor, bool truth) {
  if (static_cast<int32_t>(now - sensor.until) >= 0) sensor.mood = Sensor::HONEST;
  switch (calm ? Sensor::HONEST : sensor.mood) {
    case Sensor::STUCK_ON: return true;
    case Sensor::STUCK_OFF: return false;
    case Sensor::CHATTERS:
      if (static_cast<int32_t>(now - sensor.next_flip) >= 0) {
        sensor.level = !sensor.level;
        sensor.next_flip = now + 1 + random() % (chance(2) ? 3 : 120);
      }
      return sensor.level;
    default: return truth;
  }
}

uint8_t Site::read_inputs() {
  uint8_t inputs = IN_READER_IDLE;
  if (reads(closing_loop, vehicle)) inputs |= IN_CLOSING;
  if (reads(arming_loop, vehicle)) inputs |= IN_ARMING;
  if (reads(lower_limit, arm.position == 0)) inputs |= IN_LOWER_LIMIT;
  if (reads(upper_limit, arm.position == 1000)) inputs |= IN_UPPER_LIMIT;
  if (!arm.broken) inputs |= IN_ARM_IN_PLACE;
  return inputs;
}

void Site::upset_the_world() {
  // Vehicles keep away long enough for the arm to be lowered, and come when it hurts.
  if (chance(vehicle ? 300 : arm.direction < 0 ? 150 : 2500)) vehicle = !vehicle;
  if (chance(6000)) arm.broken = true;
  if (chance(300)) arm.broken = false;
  if (chance(2000)) arm.speed = 1 + static_cast<int>(random() % (chance(2) ? 3 : 12));
  Sensor *sensors[] = {&lower_limit, &upper_limit, &closing_loop, &arming_loop};
  if (chance(800)) {
    Sensor &sensor = *sensors[random() % 4];
    sensor.mood = static_cast<Sensor::Mood>(random() % 4);
    sensor.until = now + (chance(40) ? 700000 : random() % 3000);
    if (sensor.until - now > 100000 && chance(2)) now += 650000; // let it be stuck for more than ten minutes
  }
  if (chance(2000)) { // a hand at the crank
    arm.direction = static_cast<int>(random() % 3) - 1;
    arm.ours = false;
  }
  if (chance(3000)) {
    boot++;
    resets++;
    start();
  }
}

void Site::command(uint8_t operation, uint16_t argument, uint32_t stamp, uint16_t ttl, uint32_t for_boot, uint16_t number) {
  send(host::command({for_boot, number, operation, stamp, ttl, argument}));
}

void Site::host_says_something() {
  if (chance(2000)) pinging_until = now + random() % 20000;
  if (static_cast<int32_t>(pinging_until - now) > 0 && static_cast<int32_t>(now - next_ping) >= 0) {
    send(host::ping(static_cast<uint16_t>(random())));
    next_ping = now + 500;
  }
  if (chance(80)) {
    const uint8_t operation = static_cast<uint8_t>(random() % 7);
    const uint32_t stamp = chance(6) ? now - random() % 20000 : now;
    command(operation, static_cast<uint16_t>(random() % 300), stamp, static_cast<uint16_t>(random()), chance(20) ? boot - 1 : boot,
            chance(10) ? sequence : ++sequence);
  }
  if (chance(8000)) {
    const uint16_t any = static_cast<uint16_t>(random());
    send(host::settings(any % 3 ? any % 60 : 0, static_cast<uint16_t>(random()), any % 5 ? 800 : any % 900, any % 2000,
                        static_cast<uint8_t>(random())));
  }
  if (chance(50)) send({static_cast<uint8_t>(random()), static_cast<uint8_t>(random()), static_cast<uint8_t>(random())});
  if (chance(100)) send({0xF5, static_cast<uint8_t>(4 + random() % 2), 1, 0xF4, 5, 1, 0x90, 0x30, 0, 0xF7});
  if (chance(30)) send(host::acknowledge(controller.events.now.stream, static_cast<uint16_t>(controller.events.now.first + 2)));
}

void Site::drive_arm() {
  const Relay relay = controller.barrier.relays.on;
  if (relay != RELAY_NONE && relay != shown) {
    arm.direction = relay == RELAY_RAISE ? 1 : -1;
    arm.ours = true;
    (relay == RELAY_RAISE ? openings : lowerings)++;
  }
  arm.position += arm.direction * arm.speed * static_cast<int>(step_ms);
  if (arm.position <= 0 || arm.position >= 1000) {
    arm.position = arm.position <= 0 ? 0 : 1000;
    arm.direction = 0;
  }
}

/** The board can know that the arm may be coming down: it pulsed it down, or saw it leave a switch, and no switch contradicts. */
bool knows_of_descent(const Controller &controller, const Arm &arm) {
  const Barrier &barrier = controller.barrier;
  const bool says_down = barrier.state == ARM_CLOSED && (controller.inputs.stable & IN_LOWER_LIMIT);
  const bool says_up = barrier.state == ARM_OPEN && (controller.inputs.stable & IN_UPPER_LIMIT);
  if (says_down || says_up) return false;
  return arm.ours || barrier.state == ARM_LOWERING;
}

void Site::check_step(Relay before) {
  const Relay relay = controller.barrier.relays.on;
  const bool occupied = (raw & IN_CLOSING) != 0;
  const bool arm_in_place = (controller.inputs.stable & IN_ARM_IN_PLACE) != 0;
  if (occupied) occupied_steps++;
  if (relay != RELAY_NONE && relay != RELAY_RAISE && relay != RELAY_LOWER) violated("both relays at once");
  if (relay == RELAY_LOWER && occupied) violated("the lower relay is energised on an occupied loop");
  if (relay != before) shown_since = now;
  else if (relay != RELAY_NONE && now - shown_since > 400 + step_ms) violated("a relay is on for longer than its pulse");
  if (relay != RELAY_NONE && !arm_in_place) violated("a relay is energised with the arm broken off");
  if (relay == RELAY_RAISE && before != RELAY_RAISE && occupied) reflexes++;
  if (occupied && arm.moving_down() && arm_in_place && relay != RELAY_RAISE && knows_of_descent(controller, arm)) {
    violated("the arm goes on down on an occupied loop");
  }
}

void Site::step() {
  steps++;
  step_ms = calm || !chance(10) ? 1 : 1 + random() % 5;
  now += step_ms;
  if (!calm) {
    upset_the_world();
    host_says_something();
  }
  raw = read_inputs();
  const Relay before = shown;
  controller_tick(controller, now, raw, static_cast<uint8_t>(random()));
  controller.firmata.dirty = 0;
  transmit_start(controller.out);
  drive_arm();
  shown = controller.barrier.relays.on;
  check_step(before);
}

void Site::orderly_passage() {
  calm = true;
  arm.speed = 1;
  vehicle = false;
  arm.broken = false;
  now += 61000; // the minute of the rate limit is over
  for (int i = 0; i < 2500; i++) step();
  send(host::settings(50, 12000, 800, 2000, PROFILE_SELF_CLOSE));
  send(host::ping(1));
  command(OP_RELEASE, 0, now, 1000, boot, ++sequence);
  step();
  command(OP_RAISE, 0, now, 1000, boot, ++sequence);
  for (int i = 0; i < 2500; i++) step(); // the host is dead from here on
  if (controller.barrier.state != ARM_OPEN || arm.position != 1000) violated("an orderly RAISE gets the arm up");
  vehicle = true;
  for (int i = 0; i < 800; i++) step();
  vehicle = false;
  for (int i = 0; i < 3000; i++) step();
  if (controller.barrier.state != ARM_CLOSED || arm.position != 0) violated("the board closes behind a passage by itself");
  passages++;
  calm = false;
}

} // namespace

int main(int argc, char **argv) {
  const uint64_t steps = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000;
  const uint32_t seed = argc > 2 ? static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 1;
  Site site(seed);
  while (site.steps < steps) {
    for (int i = 0; i < 20000 && site.steps < steps; i++) site.step();
    site.orderly_passage();
  }
  std::printf("%llu steps, seed %u: no violation; raised %llu times (%llu with the loop occupied), lowered %llu, %llu orderly passages, "
              "%llu resets, loop occupied in %llu steps\n",
              static_cast<unsigned long long>(site.steps), seed, static_cast<unsigned long long>(site.openings),
              static_cast<unsigned long long>(site.reflexes), static_cast<unsigned long long>(site.lowerings),
              static_cast<unsigned long long>(site.passages), static_cast<unsigned long long>(site.resets),
              static_cast<unsigned long long>(site.occupied_steps));
  const bool exercised = site.openings > 0 && site.lowerings > 0 && site.occupied_steps > 0 && site.passages > 0;
  if (!exercised) std::printf("violated: the run exercised nothing\n");
  return exercised ? 0 : 1;
}
