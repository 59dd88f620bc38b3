#include "base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int ht_base64_value(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

uint32_t ht_base64_encode(const uint8_t *bytes, uint32_t count, char *text) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; i += 3) {
    const uint32_t left = count - i;
    const uint32_t group =
        (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    text[at++] = alphabet[group >> 18];
    text[at++] = alphabet[group >> 12 & 63];
    text[at++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
    text[at++] = left > 2 ? alphabet[group & 63] : '=';
  }
  return at;
}

uint32_t ht_base64_decode_group(const uint8_t text[4], uint8_t bytes[3]) {
  const int a = ht_base64_value(text[0]), b = ht_base64_value(text[1]);
  const uint32_t padding = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
  const int c = padding < 2 ? ht_base64_value(text[2]) : 0, d = padding < 1 ? ht_base64_value(text[3]) : 0;
  if (a < 0 || b < 0 || c < 0 || d < 0) return 0;
  if ((padding == 2 && (b & 15) != 0) || (padding == 1 && (c & 3) != 0)) return 0;
  bytes[0] = (uint8_t)(a << 2 | b >> 4);
  bytes[1] = (uint8_t)(b << 4 | c >> 2);
  bytes[2] = (uint8_t)(c << 6 | d);
  return 3 - padding;
}
