#include "barrier.h"

namespace palang {

namespace {

uint32_t within(uint32_t value, uint32_t least, uint32_t most) { return value < least ? least : value > most ? most : value; }

} // namespace

Settings settings_default() {
  const Settings settings = {500, 120000, 8000, 20000, PROFILE_SELF_CLOSE};
  return settings;
}

Settings settings_limit(const Settings &wanted) {
  const Settings settings = {within(wanted.closing_delay, 200, 60000), within(wanted.max_open, 5000, 655350),
                             within(wanted.motion_timeout, 1000, 60000), within(wanted.unused_open, 2000, 655350),
                             wanted.profile};
  return settings;
}

} // namespace palang
