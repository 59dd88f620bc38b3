/* Received bytes between the interrupt that takes them and the program that reads them: one writer, one reader, no lock. */
#include "../port.h"
#include "cortex-m.h"

#define ROOM 1024u /* 89 ms of a line at 115200 */
#define NVIC_ISER(number) HT_REGISTER(0xe000e100 + 4 * ((number) / 32))
#define NVIC_ICER(number) HT_REGISTER(0xe000e180 + 4 * ((number) / 32))

static uint8_t ring[ROOM];
static volatile uint32_t in, out, lost;
static uint32_t held[(HT_INTERRUPTS + 31) / 32];

void ht_received(uint8_t byte) {
  if (in - out == ROOM) {
    lost++;
    return;
  }
  ring[in % ROOM] = byte;
  in++;
}

bool ht_received_any(void) { return in != out; }

uint32_t ht_received_take(uint8_t *bytes, uint32_t room) {
  uint32_t count = 0;
  for (; count < room && out != in; count++) {
    bytes[count] = ring[out % ROOM];
    out++;
  }
  return count;
}

uint32_t ht_port_lost(void) { return lost; }

void ht_interrupt_enable(uint32_t number) {
  held[number / 32] |= 1u << number % 32;
  NVIC_ISER(number) = 1u << number % 32;
}

void ht_interrupt_hold(bool on);
void ht_interrupt_hold(bool on) {
  for (uint32_t word = 0; word < sizeof held / sizeof held[0]; word++) {
    if (on) NVIC_ICER(32 * word) = held[word];
    else NVIC_ISER(32 * word) = held[word];
  }
  __asm__ volatile("dsb\n isb" ::: "memory");
}
