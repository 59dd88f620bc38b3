/* Lines for people and runners: gathered here, sent when they end. */
#ifndef HT_TEXT_H
#define HT_TEXT_H
#include <stdint.h>

void ht_text_put(const char *text);
void ht_text_character(char character);
void ht_text_unsigned(uint64_t number);
/* Two lower-case hex digits. */
void ht_text_hex(uint8_t byte);
/* Three decimals, cut, not rounded, as the benchmark's reference does; not a number and what is beyond +-999999 become the bound. */
void ht_text_milli(float value);
/* "\r\n", and off it goes. */
void ht_text_end(void);

#endif
