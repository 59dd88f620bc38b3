/* Received bytes between the interrupt that takes them and the program that reads them: one writer, one reader, no lock. */
#include "../port.h"
#include "cortex-m.h"

#define ROOM 1024u /* 89 ms of a line at 115200 */
#define NVIC_ISER(number) HT_REGISTER(0xe000e100 + 4 * ((number) / 32))
#define NVIC_ICER(number) HT_REGISTER(0xe000e180 + 4 * ((number) / 32))

static uint8_t ring[ROOM];
static volatile uint32_t in, out, lost;
static uint32_t line_interrupt;

void ht_received(uint8_t byte) {
  if (in - out == ROOM) {
    lost++;
    return;
  }
  ring[in % ROOM] = byte;
  in++;
}

bool ht_received_any(void) { return in != out; }

uint32_t ht_port_read(uint8_t *bytes, uint32_t room) {
  uint32_t count = 0;
  for (; count < room && out != in; count++) {
    bytes[count] = ring[out % ROOM];
    out++;
  }
  return count;
}

uint32_t ht_port_lost(void) { return lost; }

void ht_port_write(const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) ht_board_send(bytes[i]);
}

_Noreturn void ht_port_reset(void) { ht_board_reset(); }

void ht_interrupt_enable(uint32_t number) {
  line_interrupt = number;
  NVIC_ISER(number) = 1u << number % 32;
}

void ht_interrupt_hold(bool on);
void ht_interrupt_hold(bool on) {
  if (on) NVIC_ICER(line_interrupt) = 1u << line_interrupt % 32;
  else NVIC_ISER(line_interrupt) = 1u << line_interrupt % 32;
  __asm__ volatile("dsb\n isb" ::: "memory");
}
