/* The Pico's two lines. Both are listened to, one speaks: answers go the way the question came. */
#include "../port.h"
#include "../cortex-m/cortex-m.h"
#include "usb.h"

static bool on_usb; /* the line that was heard last */

static uint32_t read_line(bool usb, uint8_t *bytes, uint32_t room) {
  return usb ? ht_usb_read(bytes, room) : ht_received_take(bytes, room);
}

uint32_t ht_port_read(uint8_t *bytes, uint32_t room) {
  const uint32_t count = read_line(on_usb, bytes, room);
  if (count > 0 || !(on_usb ? ht_received_any() : ht_usb_any())) return count;
  on_usb = !on_usb;
  /* What the other line left unfinished does not go on here: a line's end lets every parser begin anew. */
  bytes[0] = '\n';
  return 1;
}

void ht_port_write(const uint8_t *bytes, uint32_t count) {
  if (on_usb) {
    ht_usb_write(bytes, count);
    return;
  }
  for (uint32_t i = 0; i < count; i++) ht_board_send(bytes[i]);
}

/* Sleeps until one of them was heard. */
void ht_port_idle(void) {
  /* An interrupt between the look and the sleep leaves an event behind, so WFE does not sleep then (ARMv6-M B1.5.18). */
  while (!ht_received_any() && !ht_usb_any()) __asm__ volatile("wfe" ::: "memory");
}

_Noreturn void ht_port_reset(void) {
  if (on_usb) {
    ht_usb_drain();
    /* The port is about to vanish: time for a host to hand on what it has. */
    const uint64_t until = ht_port_micros() + 50000;
    while (ht_port_micros() < until) continue;
  }
  ht_board_reset();
}
