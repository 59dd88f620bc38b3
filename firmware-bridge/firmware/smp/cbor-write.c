#include "cbor.h"

static void put(ht_cbor_writer *w, uint8_t byte) {
  if (w->overflow || w->count == w->room) {
    w->overflow = true;
    return;
  }
  w->bytes[w->count++] = byte;
}

static void put_all(ht_cbor_writer *w, const uint8_t *bytes, uint32_t count) {
  if (w->overflow || w->room - w->count < count) {
    w->overflow = true;
    return;
  }
  for (uint32_t i = 0; i < count; i++) w->bytes[w->count + i] = bytes[i];
  w->count += count;
}

/* Shortest form (RFC 8949 4.1). */
static void put_head(ht_cbor_writer *w, uint8_t major, uint64_t number) {
  const uint8_t top = (uint8_t)(major << 5);
  if (number < 24) {
    put(w, top | (uint8_t)number);
    return;
  }
  const uint32_t size = number <= 0xff ? 0 : number <= 0xffff ? 1 : number <= 0xffffffff ? 2 : 3;
  put(w, top | (uint8_t)(24 + size));
  for (uint32_t shift = 8u << size; shift > 0; shift -= 8) put(w, (uint8_t)(number >> (shift - 8)));
}

static uint32_t length(const char *text) {
  uint32_t count = 0;
  while (text[count] != 0) count++;
  return count;
}

void ht_cbor_begin(ht_cbor_writer *w) { put(w, 0xbf); }
void ht_cbor_end(ht_cbor_writer *w) { put(w, 0xff); }
void ht_cbor_begin_array(ht_cbor_writer *w) { put(w, 0x9f); }
void ht_cbor_uint(ht_cbor_writer *w, uint64_t number) { put_head(w, 0, number); }
void ht_cbor_bool(ht_cbor_writer *w, bool value) { put(w, value ? 0xf5 : 0xf4); }

void ht_cbor_text_bytes(ht_cbor_writer *w, const uint8_t *text, uint32_t count) {
  put_head(w, 3, count);
  put_all(w, text, count);
}

void ht_cbor_text(ht_cbor_writer *w, const char *text) { ht_cbor_text_bytes(w, (const uint8_t *)text, length(text)); }

void ht_cbor_bytes(ht_cbor_writer *w, const uint8_t *bytes, uint32_t count) {
  put_head(w, 2, count);
  put_all(w, bytes, count);
}

void ht_cbor_put_uint(ht_cbor_writer *w, const char *key, uint64_t number) {
  ht_cbor_text(w, key);
  ht_cbor_uint(w, number);
}

void ht_cbor_put_text(ht_cbor_writer *w, const char *key, const char *text) {
  ht_cbor_text(w, key);
  ht_cbor_text(w, text);
}

void ht_cbor_put_bytes(ht_cbor_writer *w, const char *key, const uint8_t *bytes, uint32_t count) {
  ht_cbor_text(w, key);
  ht_cbor_bytes(w, bytes, count);
}
