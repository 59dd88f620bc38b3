/*
 * What a board gives: all that is needed for a new one is a port.c with these functions, a linker script and a line in
 * build/boards.mjs (README.md walks through it). Nothing here is called from an interrupt.
 */
#ifndef HT_PORT_H
#define HT_PORT_H
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  const char *board;     /* "pico": the folder's name */
  const char *cpu;       /* "cortex-m0plus" */
  const char *ticks;     /* what ht_port_ticks counts: "dwt" or "systick" (both in `hz`), "clock" on the host (ns) */
  uint32_t hz;           /* ticks per second */
  uint8_t *memory;       /* plan and arena share it; 16-byte aligned */
  uint32_t memory_bytes; /* multiple of 16 */
  uint32_t salt;         /* differs between starts where memory does not outlive a reset; 0: it does */
} ht_board;

/* Clocks, serial line at 115200 8N1, tick counter; called once, first of all. */
const ht_board *ht_port_start(void);

/* Takes up to `room` bytes that have arrived; 0 if there are none. Never waits. */
uint32_t ht_port_read(uint8_t *bytes, uint32_t room);

/* Sends; may wait for the line, goes on receiving meanwhile. */
void ht_port_write(const uint8_t *bytes, uint32_t count);

/* Bytes that arrived and found no room since the start. */
uint32_t ht_port_lost(void);

/* Sleeps until something happens; returns at once if bytes are waiting. */
void ht_port_idle(void);

/* Between true and false nothing disturbs the counted code: no serial interrupt, tick counter started anew. */
void ht_port_quiet(bool on);

/* Ticks since ht_port_quiet(true); saturates at UINT32_MAX. */
uint32_t ht_port_ticks(void);

/* Microseconds since the start. */
uint64_t ht_port_micros(void);

/* Most bytes of stack in use at one time so far; 0 where nobody knows. */
uint32_t ht_port_stack(void);

/* Starts the board again. Does not return. */
_Noreturn void ht_port_reset(void);

#endif
