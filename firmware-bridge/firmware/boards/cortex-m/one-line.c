/* For a board with one serial line. */
#include "../port.h"
#include "cortex-m.h"

uint32_t ht_port_read(uint8_t *bytes, uint32_t room) { return ht_received_take(bytes, room); }

void ht_port_write(const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) ht_board_send(bytes[i]);
}

_Noreturn void ht_port_reset(void) { ht_board_reset(); }
