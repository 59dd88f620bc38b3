/*
 * STM32F405 (Cortex-M4F), also QEMU's netduinoplus2. Serial line: USART1, PB6 sends, PB7 receives. Clock: the internal oscillator and the PLL,
 * 168 MHz on any board whatever its crystal; 1 % is its accuracy, so milliseconds have that too, cycles not. Registers: RM0090.
 */
#include "../port.h"
#include "../cortex-m/cortex-m.h"

#define FULL_HZ 168000000u
#define INTERNAL_HZ 16000000u
#define BAUD 115200u
#define USART1_INTERRUPT 37u

#define RCC 0x40023800u
#define FLASH_ACR HT_REGISTER(0x40023c00)
#define GPIOB 0x40020400u
#define USART1 0x40011000u
#define USART_STATUS HT_REGISTER(USART1)
#define USART_DATA HT_REGISTER(USART1 + 4)
enum { OVERRUN = 1 << 3, RECEIVED = 1 << 5, SENT = 1 << 6, SEND_EMPTY = 1 << 7 };

static ht_board board;

/* The core's clock in Hz. */
static uint32_t start_clock(void) {
  /* The oscillator the chip starts with shows here; QEMU has no clock controller and always runs at 168 MHz. */
  if ((HT_REGISTER(RCC) & 2) == 0) return FULL_HZ;
  FLASH_ACR = 5u | 1u << 8 | 1u << 9 | 1u << 10; /* 5 wait states, prefetch, both caches [3.5.1] */
  HT_REGISTER(RCC + 4) = 16u | 336u << 6 | 7u << 24; /* 16 MHz / 16 * 336 / 2 [7.3.2] */
  HT_REGISTER(RCC) |= 1u << 24;
  if (!ht_wait_for(RCC, 1u << 25, 1u << 25)) return INTERNAL_HZ;
  HT_REGISTER(RCC + 8) = 5u << 10 | 4u << 13; /* APB1 a quarter, APB2 half */
  HT_REGISTER(RCC + 8) |= 2;
  return ht_wait_for(RCC + 8, 0xc, 8) ? FULL_HZ : INTERNAL_HZ;
}

static void start_usart(uint32_t apb2_hz) {
  HT_REGISTER(RCC + 0x30) |= 1u << 1;
  HT_REGISTER(RCC + 0x44) |= 1u << 4;
  (void)HT_REGISTER(RCC + 0x44); /* it takes two cycles [7.3.14] */
  /* PB6, PB7: alternate function 7, the receiver pulled up so that an open line is silent [8.4]. */
  HT_REGISTER(GPIOB + 0x20) = (HT_REGISTER(GPIOB + 0x20) & ~(0xffu << 24)) | 0x77u << 24;
  HT_REGISTER(GPIOB + 0x0c) |= 1u << 14;
  HT_REGISTER(GPIOB) = (HT_REGISTER(GPIOB) & ~(0xfu << 12)) | 0xau << 12;
  HT_REGISTER(USART1 + 8) = (apb2_hz + BAUD / 2) / BAUD;
  HT_REGISTER(USART1 + 0xc) = 1u << 13 | 1u << 5 | 1u << 3 | 1u << 2; /* on, receive interrupt, send, receive */
  ht_interrupt_enable(USART1_INTERRUPT);
}

const ht_board *ht_port_start(void) {
  const uint32_t hz = start_clock();
  start_usart(hz == FULL_HZ ? FULL_HZ / 2 : hz);
  board = (ht_board){"stm32f405", "cortex-m4", ht_ticks_start(hz), hz, ht_memory_begin, ht_memory_bytes(), 0};
  return &board;
}

void ht_board_interrupt(void) {
  const uint32_t status = USART_STATUS;
  if ((status & (RECEIVED | OVERRUN)) == 0) return;
  const uint8_t byte = (uint8_t)USART_DATA; /* after the status: clears both */
  if ((status & RECEIVED) != 0) ht_received(byte);
}

void ht_board_send(uint8_t byte) {
  while ((USART_STATUS & SEND_EMPTY) == 0) continue;
  USART_DATA = byte;
}

void ht_port_idle(void) {
  /* With interrupts masked one that comes between the look and the sleep still ends the sleep. */
  __asm__ volatile("cpsid i" ::: "memory");
  if (!ht_received_any()) __asm__ volatile("wfi" ::: "memory");
  __asm__ volatile("cpsie i" ::: "memory");
}

_Noreturn void ht_board_reset(void) {
  while ((USART_STATUS & SENT) == 0) continue;
  HT_REGISTER(0xe000ed0c) = 0x05fa0004; /* AIRCR: system reset */
  for (;;) continue;
}
