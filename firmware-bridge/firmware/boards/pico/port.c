/*
 * Raspberry Pi Pico (RP2040, one of its two Cortex-M0+ is used). Serial lines: USB (usb.c), and UART0, GPIO0 sends, GPIO1 receives. Runs from
 * SRAM, where every access takes one cycle: nothing depends on what the flash cache holds. Numbers of registers and bits: RP2040 datasheet,
 * chapters in brackets.
 */
#include "../port.h"
#include "../cortex-m/cortex-m.h"
#include "flash-id.h"
#include "usb.h"

#define HZ 125000000u
#define CRYSTAL_MHZ 12u
#define UART0_INTERRUPT 20u /* [2.3.2] */

#define CLEAR 0x3000u /* atomic bit-clear alias [2.1.2] */
#define RESETS 0x4000c000u
#define CLOCKS 0x40008000u
#define PSM 0x40010000u
#define IO_BANK0 0x40014000u
#define PADS_BANK0 0x4001c000u
#define XOSC 0x40024000u
#define PLL_SYS 0x40028000u
#define PLL_USB 0x4002c000u
#define UART0 0x40034000u
#define TIMER 0x40054000u
#define WATCHDOG 0x40058000u

#define CLK_REF_CTRL HT_REGISTER(CLOCKS + 0x30)
#define CLK_REF_SELECTED (CLOCKS + 0x38)
#define CLK_SYS_CTRL HT_REGISTER(CLOCKS + 0x3c)
#define CLK_SYS_SELECTED (CLOCKS + 0x44)
#define CLK_PERI_CTRL HT_REGISTER(CLOCKS + 0x48)
#define CLK_USB_CTRL (CLOCKS + 0x54)
#define UART_DATA HT_REGISTER(UART0 + 0x00)
#define UART_FLAGS HT_REGISTER(UART0 + 0x18)
enum { BUSY = 1 << 3, RECEIVE_EMPTY = 1 << 4, SEND_FULL = 1 << 5 };

static ht_board board;

static void release(uint32_t blocks) { /* [2.14] */
  HT_REGISTER(RESETS + CLEAR) = blocks;
  ht_wait_for(RESETS + 8, blocks, blocks);
}

/* 12 MHz * feedback / first / second [2.18.2]. */
static void start_pll(uint32_t pll, uint32_t reset, uint32_t feedback, uint32_t first, uint32_t second) {
  release(reset);
  HT_REGISTER(pll) = 1;
  HT_REGISTER(pll + 8) = feedback;
  HT_REGISTER(pll + 4 + CLEAR) = 1u << 0 | 1u << 5;
  ht_wait_for(pll, 1u << 31, 1u << 31);
  HT_REGISTER(pll + 0x0c) = first << 16 | second << 12;
  HT_REGISTER(pll + 4 + CLEAR) = 1u << 3;
}

static void start_clocks(void) {
  /* Back to the ring oscillator, should this be a second start [2.15.3.2]. */
  CLK_SYS_CTRL = 0;
  ht_wait_for(CLK_SYS_SELECTED, 1, 1);
  CLK_REF_CTRL = 0;
  ht_wait_for(CLK_REF_SELECTED, 1, 1);
  HT_REGISTER(CLK_USB_CTRL + CLEAR) = 1u << 11;
  /* Crystal: 12 MHz / 256 * 47 = 1 ms to settle [2.16.3]. */
  HT_REGISTER(XOSC + 0x0c) = 47;
  HT_REGISTER(XOSC) = 0xfabaa0;
  ht_wait_for(XOSC + 4, 1u << 31, 1u << 31);
  start_pll(PLL_SYS, 1u << 12, 125, 6, 2); /* 1500 MHz, 125 MHz */
  start_pll(PLL_USB, 1u << 13, 100, 5, 5); /* 1200 MHz, 48 MHz */
  CLK_REF_CTRL = 2;
  ht_wait_for(CLK_REF_SELECTED, 4, 4);
  CLK_SYS_CTRL = 1;
  ht_wait_for(CLK_SYS_SELECTED, 2, 2);
  CLK_PERI_CTRL = 1u << 11;
  HT_REGISTER(CLK_USB_CTRL) = 1u << 11; /* from the PLL of its own, undivided [2.15.7] */
}

static void start_uart(void) {
  release(1u << 5 | 1u << 8 | 1u << 22);
  HT_REGISTER(IO_BANK0 + 0x04) = 2; /* GPIO0 and GPIO1: UART0 [2.19.2] */
  HT_REGISTER(IO_BANK0 + 0x0c) = 2;
  HT_REGISTER(PADS_BANK0 + 0x08) = 0x5a; /* GPIO1 pulled up instead of down, so that an open line is silent [2.19.6.3] */
  /* 125 MHz / 16 / 115200 = 67 + 52/64 [4.2.3.2]; 8N1 with FIFOs; interrupts: FIFO half full, and bytes that wait in it. */
  HT_REGISTER(UART0 + 0x24) = 67;
  HT_REGISTER(UART0 + 0x28) = 52;
  HT_REGISTER(UART0 + 0x2c) = 0x70;
  HT_REGISTER(UART0 + 0x30) = 0x301;
  HT_REGISTER(UART0 + 0x38) = 1u << 4 | 1u << 6;
  ht_interrupt_enable(UART0_INTERRUPT);
}

const ht_board *ht_port_start(void) {
  static char serial[17];
  start_clocks();
  ht_flash_id(serial);
  start_uart();
  ht_usb_start(serial);
  /* The emulator clears memory at a reset, and its timer goes on; on the chip it is the other way round. */
  release(1u << 21);
  const uint32_t salt = HT_REGISTER(TIMER + 0x28);
  board = (ht_board){"pico", "cortex-m0plus", ht_ticks_start(HZ), HZ, ht_memory_begin, ht_memory_bytes(), salt};
  return &board;
}

void ht_board_interrupt(void) {
  while ((UART_FLAGS & RECEIVE_EMPTY) == 0) ht_received((uint8_t)UART_DATA);
  ht_usb_interrupt();
}

/* By UART alone: also from a fault, when nothing is known of the state USB is in. */
void ht_board_send(uint8_t byte) {
  while ((UART_FLAGS & SEND_FULL) != 0) continue;
  UART_DATA = byte;
}

_Noreturn void ht_board_reset(void) {
  while ((UART_FLAGS & BUSY) != 0) continue;
  __asm__ volatile("cpsid i" ::: "memory");
  /* All but the oscillators, by the watchdog [4.7.5, 2.13]. */
  HT_REGISTER(PSM + 8) = 0x1fffc;
  HT_REGISTER(WATCHDOG) = 1u << 31;
  for (uint32_t i = 0; i < 1000; i++) __asm__ volatile("nop");
  /* An emulator without that: start over by hand. */
  HT_REGISTER(0xe000e010) = 0;
  __asm__ volatile("ldr r0, =ht_reset_handler\n bx r0\n .ltorg");
  __builtin_unreachable();
}
