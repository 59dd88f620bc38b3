/* Vectors and what happens before main. There is no initialised data to copy: linker scripts insist on it, so a start can be repeated. */
#include "cortex-m.h"

#ifndef HT_INTERRUPTS
#error "HT_INTERRUPTS: how many device interrupts the chip has"
#endif

extern uint32_t ht_bss_begin[], ht_bss_end[], ht_stack_begin[], ht_stack_end[];
int main(void);
void ht_reset_handler(void);
void ht_fault_handler(void);
void ht_systick_handler(void);

#define VTOR HT_REGISTER(0xe000ed08)
#define CPACR HT_REGISTER(0xe000ed88)

/* Painted on the unused stack, to see how deep it went. */
#define PAINT 0xa5a5a5a5u

typedef union {
  void (*handler)(void);
  const void *stack;
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[16 + HT_INTERRUPTS] = {
    {.stack = ht_stack_end},
    {.handler = ht_reset_handler},
    [2 ... 14] = {.handler = ht_fault_handler},
    {.handler = ht_systick_handler},
    [16 ... 15 + HT_INTERRUPTS] = {.handler = ht_board_interrupt},
};

static void __attribute__((noinline, noreturn)) start(void) {
#ifdef __ARM_FP
  CPACR |= 0xfu << 20; /* the floating-point unit, before anything may use it */
  __asm__ volatile("dsb\n isb");
#endif
  for (uint32_t *word = ht_bss_begin; word < ht_bss_end; word++) *word = 0;
  VTOR = (uint32_t)(uintptr_t)vectors;
  main();
  for (;;) __asm__ volatile("");
}

/* Also entered by a jump, when the board starts over: interrupts off and the stack as at power-up. */
__attribute__((naked, noreturn)) void ht_reset_handler(void) {
  __asm__ volatile(
      "cpsid i\n"
      "ldr r0, =ht_stack_end\n"
      "mov sp, r0\n"
      "ldr r1, =ht_stack_begin\n"
      "ldr r2, =0xa5a5a5a5\n"
      "1: subs r0, #4\n"
      "str r2, [r0]\n"
      "cmp r0, r1\n"
      "bhi 1b\n"
      "cpsie i\n"
      "ldr r0, =%c0\n"
      "bx r0\n"
      ".ltorg\n"
      :
      : "i"(start));
}

uint32_t ht_port_stack(void);
uint32_t ht_port_stack(void) {
  const uint32_t *word = ht_stack_begin;
  while (word < ht_stack_end && *word == PAINT) word++;
  return (uint32_t)((const uint8_t *)ht_stack_end - (const uint8_t *)word);
}

static void send_text(const char *text) {
  while (*text != 0) ht_board_send((uint8_t)*text++);
}

/* Reached with the frame the processor pushed: r0-r3, r12, lr, pc, psr. Says where, for the console, and starts over. */
__attribute__((noreturn, used)) static void report_fault(const uint32_t *frame) {
  static const char digits[] = "0123456789abcdef";
  send_text("\r\nhilltop: fault at 0x");
  const bool sound = frame >= ht_stack_begin && frame + 8 <= ht_stack_end;
  for (int32_t shift = 28; shift >= 0; shift -= 4) ht_board_send((uint8_t)(sound ? digits[frame[6] >> shift & 15] : '?'));
  send_text(", starting over\r\n");
  ht_board_reset();
}

__attribute__((naked)) void ht_fault_handler(void) {
  __asm__ volatile(
      "mrs r0, msp\n"
      "ldr r1, =%c0\n"
      "bx r1\n"
      ".ltorg\n"
      :
      : "i"(report_fault));
}
