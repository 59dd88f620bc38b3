/* SHA-256 (FIPS 180-4) of a whole message. */
#ifndef HT_SHA256_H
#define HT_SHA256_H
#include <stdint.h>

void ht_sha256(const uint8_t *bytes, uint32_t count, uint8_t digest[32]);

#endif
