/*
 * As much CBOR (RFC 8949) as SMP needs: a map with text keys is read into the fields that are wanted, others are skipped; no
 * recursion, no copies, everything bounded by the message. Refused: not well-formed data, a key twice, keys that are not
 * text, strings in pieces, nesting deeper than HT_CBOR_DEPTH.
 */
#ifndef HT_CBOR_H
#define HT_CBOR_H
#include <stdbool.h>
#include <stdint.h>

#define HT_CBOR_DEPTH 8u

typedef enum { HT_CBOR_ABSENT, HT_CBOR_UINT, HT_CBOR_BYTES, HT_CBOR_TEXT, HT_CBOR_BOOL, HT_CBOR_OTHER } ht_cbor_type;

typedef struct {
  ht_cbor_type type;
  uint64_t number;      /* HT_CBOR_UINT; HT_CBOR_BOOL: 0 or 1 */
  const uint8_t *bytes; /* HT_CBOR_BYTES and HT_CBOR_TEXT: in the message */
  uint32_t count;
} ht_cbor_value;

/* Reads the map that is the whole message into values[i] for keys[i] (count <= 32). False: refused. */
bool ht_cbor_read_map(const uint8_t *bytes, uint32_t count, const char *const keys[], ht_cbor_value values[], uint32_t wanted);

/* Writes one map; `overflow` once something did not fit, and nothing is written any more then. */
typedef struct {
  uint8_t *bytes;
  uint32_t room, count;
  bool overflow;
} ht_cbor_writer;

/* Maps have no count in front: they end with ht_cbor_end, so fields can be added as they come. */
void ht_cbor_begin(ht_cbor_writer *writer);
void ht_cbor_end(ht_cbor_writer *writer);
void ht_cbor_begin_array(ht_cbor_writer *writer);

void ht_cbor_text(ht_cbor_writer *writer, const char *text);
void ht_cbor_text_bytes(ht_cbor_writer *writer, const uint8_t *text, uint32_t count);
void ht_cbor_uint(ht_cbor_writer *writer, uint64_t number);
void ht_cbor_bool(ht_cbor_writer *writer, bool value);
void ht_cbor_bytes(ht_cbor_writer *writer, const uint8_t *bytes, uint32_t count);

/* A key with its value. */
void ht_cbor_put_uint(ht_cbor_writer *writer, const char *key, uint64_t number);
void ht_cbor_put_text(ht_cbor_writer *writer, const char *key, const char *text);
void ht_cbor_put_bytes(ht_cbor_writer *writer, const char *key, const uint8_t *bytes, uint32_t count);

#endif
