/* Arm's MPS2 board with the AN386 (Cortex-M4) or AN500 (Cortex-M7) image, as QEMU has them. Serial line: CMSDK UART 0. Registers: DDI 0479. */
#include "../port.h"
#include "../cortex-m/cortex-m.h"

#define HZ 25000000u
#define BAUD 115200u
#define UART0_RECEIVE_INTERRUPT 0u

#define UART0 0x40004000u
#define UART_DATA HT_REGISTER(UART0)
#define UART_STATE HT_REGISTER(UART0 + 4)
#define UART_CONTROL HT_REGISTER(UART0 + 8)
#define UART_CLEAR HT_REGISTER(UART0 + 0xc)
#define UART_DIVIDER HT_REGISTER(UART0 + 0x10)
enum { SEND_FULL = 1 << 0, RECEIVED = 1 << 1, OVERRUN = 1 << 3, RECEIVE_INTERRUPT = 1 << 1 };

static ht_board board;

const ht_board *ht_port_start(void) {
  UART_DIVIDER = HZ / BAUD;
  UART_CONTROL = 1u << 0 | 1u << 1 | 1u << 3; /* send, receive, receive interrupt */
  ht_interrupt_enable(UART0_RECEIVE_INTERRUPT);
  board = (ht_board){HT_BOARD, HT_CPU, ht_ticks_start(HZ), HZ, ht_memory_begin, ht_memory_bytes(), 0};
  return &board;
}

void ht_board_interrupt(void) {
  UART_CLEAR = RECEIVE_INTERRUPT;
  while ((UART_STATE & RECEIVED) != 0) ht_received((uint8_t)UART_DATA);
  UART_STATE = OVERRUN;
}

void ht_board_send(uint8_t byte) {
  while ((UART_STATE & SEND_FULL) != 0) continue;
  UART_DATA = byte;
}

void ht_port_idle(void) {
  /* With interrupts masked one that comes between the look and the sleep still ends the sleep. */
  __asm__ volatile("cpsid i" ::: "memory");
  if (!ht_received_any()) __asm__ volatile("wfi" ::: "memory");
  __asm__ volatile("cpsie i" ::: "memory");
}

_Noreturn void ht_board_reset(void) {
  while ((UART_STATE & SEND_FULL) != 0) continue;
  HT_REGISTER(0xe000ed0c) = 0x05fa0004; /* AIRCR: system reset */
  for (;;) continue;
}
