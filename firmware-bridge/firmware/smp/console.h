/*
 * SMP over a console line (Zephyr "SMP over console"): BE16(length + 2), packet, BE16(CRC-16), cut into pieces, each sent as
 * 06 09 (first) or 04 14 (further) + base64 + newline. Log lines may stand between; whatever is not a frame is left alone.
 */
#ifndef HT_CONSOLE_H
#define HT_CONSOLE_H
#include <stdint.h>

/* Reassembly buffer, as OS params' buf_size says it: length, message, CRC. */
#define HT_SMP_BUFFER 4096u
/* Largest SMP message, header and payload, in either direction. */
#define HT_SMP_MESSAGE (HT_SMP_BUFFER - 4u)

typedef enum {
  HT_CONSOLE_NONE,   /* part of a frame: nothing to do yet */
  HT_CONSOLE_TEXT,   /* the byte is not part of a frame */
  HT_CONSOLE_PACKET, /* `packet` and `length` hold a checked message until the next byte is given */
} ht_console_event;

typedef struct {
  uint8_t packet[HT_SMP_BUFFER]; /* length, message, CRC as they come */
  uint32_t count;                     /* bytes of it that are there */
  uint32_t length;                    /* of the message, once complete */
  uint8_t group[4];
  uint8_t grouped;
  uint8_t state;
  uint8_t padded; /* this line's base64 is over */
  uint8_t open;   /* a first line was taken and the packet is not complete */
  uint32_t packets, broken; /* since the start: good ones; begun ones that came to nothing */
} ht_console;

/* Takes one byte. With HT_CONSOLE_PACKET the message is at packet + 2. `console` starts as all zeros. */
ht_console_event ht_console_take(ht_console *console, uint8_t byte);

/*
 * Sends a message of `length` <= HT_SMP_MESSAGE bytes at framed + 2; `framed` has 2 bytes before and 2 behind it for length and CRC,
 * which are filled in. Lines are at most 127 bytes and the CRC is never split over two.
 */
void ht_console_send(uint8_t *framed, uint32_t length, void (*write)(const uint8_t *bytes, uint32_t count));

#endif
