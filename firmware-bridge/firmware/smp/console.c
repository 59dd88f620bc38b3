#include "console.h"
#include "base64.h"
#include "crc16.h"

enum { OUTSIDE, FIRST_MARK, NEXT_MARK, INSIDE };

/* 127 bytes a line: 2 of marker, 1 newline, 124 characters = 93 bytes. */
#define PIECE 93u

static void drop(ht_console *c) {
  if (c->open) c->broken++;
  c->open = 0;
  c->state = OUTSIDE;
}

static void begin_line(ht_console *c) {
  c->state = INSIDE;
  c->grouped = 0;
  c->padded = 0;
}

static uint32_t announced(const ht_console *c) { return (uint32_t)c->packet[0] << 8 | c->packet[1]; }

/* Adds decoded bytes; false when they do not fit what the first two announced. */
static int add(ht_console *c, const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (c->count >= 2 && c->count >= announced(c) + 2) return 0;
    c->packet[c->count++] = bytes[i];
    /* 2 of CRC, and an SMP header is 8. */
    if (c->count == 2 && (announced(c) < 10 || announced(c) > HT_SMP_MESSAGE + 2)) return 0;
  }
  return 1;
}

static ht_console_event end_line(ht_console *c) {
  if (c->grouped != 0) {
    drop(c);
    return HT_CONSOLE_NONE;
  }
  c->state = OUTSIDE;
  if (c->count < 2 || c->count < announced(c) + 2) return HT_CONSOLE_NONE;
  if (ht_crc16(0, c->packet + 2, announced(c)) != 0) {
    drop(c);
    return HT_CONSOLE_NONE;
  }
  c->open = 0;
  c->length = announced(c) - 2;
  c->packets++;
  return HT_CONSOLE_PACKET;
}

static ht_console_event inside(ht_console *c, uint8_t byte) {
  if (byte == '\n') return end_line(c);
  if (byte == '\r') return HT_CONSOLE_NONE;
  if (c->padded || (byte != '=' && ht_base64_value(byte) < 0)) {
    drop(c);
    return HT_CONSOLE_TEXT;
  }
  c->group[c->grouped++] = byte;
  if (c->grouped < 4) return HT_CONSOLE_NONE;
  c->grouped = 0;
  uint8_t bytes[3];
  const uint32_t count = ht_base64_decode_group(c->group, bytes);
  c->padded = count < 3;
  if (count == 0 || !add(c, bytes, count)) drop(c);
  return HT_CONSOLE_NONE;
}

ht_console_event ht_console_take(ht_console *c, uint8_t byte) {
  /* Neither marker's first byte is base64: wherever one stands a new line has begun and the old one lost its end. */
  if (byte == 0x06 || byte == 0x04) {
    if (c->state == INSIDE) drop(c);
    c->state = byte == 0x06 ? FIRST_MARK : NEXT_MARK;
    return HT_CONSOLE_NONE;
  }
  switch (c->state) {
    case FIRST_MARK:
      if (byte != 0x09) break;
      if (c->open) c->broken++;
      c->open = 1;
      c->count = 0;
      begin_line(c);
      return HT_CONSOLE_NONE;
    case NEXT_MARK:
      if (byte != 0x14) break;
      if (c->open) begin_line(c);
      else c->state = OUTSIDE;
      return HT_CONSOLE_NONE;
    case INSIDE:
      return inside(c, byte);
    default:
      return HT_CONSOLE_TEXT;
  }
  c->state = OUTSIDE;
  return HT_CONSOLE_TEXT;
}

void ht_console_send(uint8_t *framed, uint32_t length, void (*write)(const uint8_t *, uint32_t)) {
  const uint16_t crc = ht_crc16(0, framed + 2, length);
  framed[0] = (uint8_t)((length + 2) >> 8);
  framed[1] = (uint8_t)(length + 2);
  framed[length + 2] = (uint8_t)(crc >> 8);
  framed[length + 3] = (uint8_t)crc;
  const uint32_t total = length + 4;
  uint8_t line[128];
  for (uint32_t at = 0; at < total;) {
    uint32_t piece = total - at < PIECE ? total - at : PIECE;
    if (total - at - piece == 1) piece--; /* both bytes of the CRC go into the next line */
    line[0] = at == 0 ? 0x06 : 0x04;
    line[1] = at == 0 ? 0x09 : 0x14;
    const uint32_t text = ht_base64_encode(framed + at, piece, (char *)line + 2);
    line[text + 2] = '\n';
    write(line, text + 3);
    at += piece;
  }
}
