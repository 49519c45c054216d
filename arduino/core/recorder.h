// Where the decision logic writes what happened.
#ifndef PALANG_RECORDER_H
#define PALANG_RECORDER_H

#include "event_queue.h"

namespace palang {

struct Recorder {
  EventQueue &queue;
  uint32_t boot;
  uint32_t now; // ms

  void write(EventType type, const uint8_t *data, uint8_t length) { events_push(queue, boot, now, type, data, length); }
};

} // namespace palang

#endif
