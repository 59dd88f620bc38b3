/* CRC-16/XMODEM: polynomial 0x1021, start 0, nothing reflected; over data with its CRC behind it (big-endian) it is 0. */
#ifndef HT_CRC16_H
#define HT_CRC16_H
#include <stdint.h>

/* Goes on from `crc` (0 at the start). */
uint16_t ht_crc16(uint16_t crc, const uint8_t *bytes, uint32_t count);

#endif
