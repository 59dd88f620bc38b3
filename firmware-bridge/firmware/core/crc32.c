/* CRC-32 (IEEE 802.3, reflected), a nibble at a time: 64 bytes of table, not 1 KB. */
#include "model.h"

uint32_t ht_crc32(uint32_t crc, const void *bytes, uint32_t length) {
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *at = bytes;
  crc = ~crc;
  for (; length > 0; length--) {
    crc ^= *at++;
    crc = (crc >> 4) ^ table[crc & 15u];
    crc = (crc >> 4) ^ table[crc & 15u];
  }
  return ~crc;
}
