#include "text.h"
#include "../boards/port.h"

static struct {
  uint8_t bytes[96];
  uint32_t count;
} line;

static void send(void) {
  ht_port_write(line.bytes, line.count);
  line.count = 0;
}

void ht_text_character(char character) {
  line.bytes[line.count++] = (uint8_t)character;
  if (line.count == sizeof line.bytes) send();
}

void ht_text_put(const char *text) {
  for (; *text != 0; text++) ht_text_character(*text);
}

void ht_text_unsigned(uint64_t number) {
  char digits[20];
  uint32_t count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) ht_text_character(digits[--count]);
}

void ht_text_hex(uint8_t byte) {
  static const char digits[] = "0123456789abcdef";
  ht_text_character(digits[byte >> 4]);
  ht_text_character(digits[byte & 15]);
}

void ht_text_milli(float value) {
  const float bound = 999999.0f;
  if (value < 0) {
    ht_text_character('-');
    value = -value;
  }
  if (!(value <= bound)) value = bound;
  const uint32_t whole = (uint32_t)value, milli = (uint32_t)((value - (float)whole) * 1000.0f);
  ht_text_unsigned(whole);
  ht_text_character('.');
  ht_text_character((char)('0' + milli / 100));
  ht_text_character((char)('0' + milli / 10 % 10));
  ht_text_character((char)('0' + milli % 10));
}

void ht_text_end(void) {
  ht_text_put("\r\n");
  send();
}
