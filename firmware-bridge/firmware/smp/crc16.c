#include "crc16.h"

uint16_t ht_crc16(uint16_t crc, const uint8_t *bytes, uint32_t count) {
  uint32_t c = crc;
  for (uint32_t i = 0; i < count; i++) {
    /* A byte at a time without a table: x = high byte folded, then its multiples of the polynomial. */
    uint32_t x = (c >> 8 ^ bytes[i]) & 0xff;
    x ^= x >> 4;
    c = (c << 8 ^ x << 12 ^ x << 5 ^ x) & 0xffff;
  }
  return (uint16_t)c;
}
