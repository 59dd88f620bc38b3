/* The same on every board. */
#include "device.h"

#ifdef __arm__
/* Not cleared at a start, so it goes on counting through resets; whatever the RAM held when power came is as good a beginning. */
static uint32_t boots __attribute__((section(".noinit")));
#else
static uint32_t boots;
#endif

int main(void) {
  const ht_board *board = ht_port_start();
  boots++;
  const uint32_t boot = boots + board->salt;
  ht_device_start(board, boot == 0 ? 1 : boot);
  for (;;) {
    uint8_t bytes[64];
    const uint32_t count = ht_port_read(bytes, sizeof bytes);
    for (uint32_t i = 0; i < count; i++) ht_device_take(bytes[i]);
    if (count == 0) ht_port_idle();
  }
}
