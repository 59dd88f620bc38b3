/* What Cortex-M boards have in common: start-up, received bytes, tick counters, stack, faults. ARMv6-M and ARMv7-M manuals, chapter B3. */
#ifndef HT_CORTEX_M_H
#define HT_CORTEX_M_H
#include <stdbool.h>
#include <stdint.h>

#define HT_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* First word of RAM nobody else uses and the word behind the last, by the linker script. */
extern uint8_t ht_memory_begin[], ht_memory_end[];
static inline uint32_t ht_memory_bytes(void) { return (uint32_t)(ht_memory_end - ht_memory_begin) & ~15u; }

/* The board's: takes what the serial line has received. All device interrupts lead here. */
void ht_board_interrupt(void);
/* The board's: sends without interrupts; also usable from a fault. */
void ht_board_send(uint8_t byte);
/* The board's: lets everything out, then starts over. */
_Noreturn void ht_board_reset(void);

/* Enables a line's interrupt; those enabled here are held back while code is timed. */
void ht_interrupt_enable(uint32_t number);
/* For the interrupt: keeps a received byte, counts it as lost where there is no room. */
void ht_received(uint8_t byte);
bool ht_received_any(void);
/* Up to `room` of them, in order. */
uint32_t ht_received_take(uint8_t *bytes, uint32_t room);

/* Starts counting at `hz`, a multiple of 1 MHz; returns the name of what counts. */
const char *ht_ticks_start(uint32_t hz);

/* Waits at most some tens of ms; true once (register & mask) == value. */
bool ht_wait_for(uintptr_t address, uint32_t mask, uint32_t value);

#endif
