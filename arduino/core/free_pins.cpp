#include "firmata.h"

namespace palang {

uint8_t pin_of_free(uint8_t index) { return index == 0 ? 6 : index == 1 ? 13 : static_cast<uint8_t>(index + 12); }

uint8_t free_of_pin(uint8_t pin) {
  if (pin == 6) return 0;
  if (pin == 13) return 1;
  return pin >= 14 && pin <= 19 ? static_cast<uint8_t>(pin - 12) : NO_FREE_PIN;
}

} // namespace palang
