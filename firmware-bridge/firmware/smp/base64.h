/* Base64 (RFC 4648 section 4), strict: padding where it belongs, no other character. */
#ifndef HT_BASE64_H
#define HT_BASE64_H
#include <stdint.h>

/* Value of a character, 0..63; -1 for any that is not of the alphabet ('=' too). */
int ht_base64_value(uint8_t character);

/* Writes 4 characters for each begun group of 3 bytes; returns how many. */
uint32_t ht_base64_encode(const uint8_t *bytes, uint32_t count, char *text);

/*
 * One group of four characters to 1..3 bytes; returns how many, 0 if it is not base64. Bits that the padding leaves over must be 0.
 */
uint32_t ht_base64_decode_group(const uint8_t text[4], uint8_t bytes[3]);

#endif
