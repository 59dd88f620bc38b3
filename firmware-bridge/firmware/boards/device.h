/* The device on its line: finds out byte by byte who is spoken to, and answers. */
#ifndef HT_DEVICE_H
#define HT_DEVICE_H
#include <stdint.h>
#include "port.h"

/* Forgets everything; says hello. `boot` differs from one start to the next (0: unknown). */
void ht_device_start(const ht_board *board, uint32_t boot);

/* One byte from the line. SMP lines start with 06 09 or 04 14, all else is text. */
void ht_device_take(uint8_t byte);

#endif
