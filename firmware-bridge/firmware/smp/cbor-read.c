#include "cbor.h"

typedef struct {
  const uint8_t *bytes;
  uint32_t at, count;
} reader;

typedef struct {
  uint8_t major, info; /* info 31: of indefinite length, or the break */
  uint64_t number;
} head;

#define MAX_WANTED 32u

/* Next item's head; false at the end and for reserved forms. */
static bool read_head(reader *r, head *h) {
  if (r->at >= r->count) return false;
  const uint8_t first = r->bytes[r->at++];
  h->major = first >> 5;
  h->info = first & 31;
  h->number = h->info;
  if (h->info < 24) return true;
  /* Only strings, arrays, maps and the break have a form without a length; strings in pieces are not wanted here. */
  if (h->info == 31) return h->major == 4 || h->major == 5 || h->major == 7;
  if (h->info > 27) return false;
  const uint32_t size = 1u << (h->info - 24);
  if (r->count - r->at < size) return false;
  h->number = 0;
  for (uint32_t i = 0; i < size; i++) h->number = h->number << 8 | r->bytes[r->at++];
  /* RFC 8949 3.3: two-byte simple values below 32 are not well-formed. */
  return !(h->major == 7 && h->info == 24 && h->number < 32);
}

static bool is_break(const head *h) { return h->major == 7 && h->info == 31; }

/* Steps over the content of a string. */
static bool take_string(reader *r, const head *h, ht_cbor_value *value) {
  if (h->number > r->count - r->at) return false;
  value->bytes = r->bytes + r->at;
  value->count = (uint32_t)h->number;
  r->at += (uint32_t)h->number;
  return true;
}

/* Steps over an item whose head was read, with all that is in it. */
static bool skip(reader *r, head h) {
  /* How many items are still to come at each level; for indefinite ones how many came. */
  struct {
    uint64_t items;
    bool indefinite, map;
  } open[HT_CBOR_DEPTH];
  uint32_t depth = 0;
  for (;;) {
    bool ended = !is_break(&h);
    if (!ended) {
      /* A break ends an indefinite level, a map only after whole pairs. */
      if (depth == 0 || !open[depth - 1].indefinite || (open[depth - 1].map && (open[depth - 1].items & 1) != 0)) return false;
      depth--;
      ended = true;
    } else if (h.major == 2 || h.major == 3) {
      ht_cbor_value ignored;
      if (!take_string(r, &h, &ignored)) return false;
    } else if (h.major == 4 || h.major == 5) {
      const bool indefinite = h.info == 31, map = h.major == 5;
      /* Each item is at least a byte: a larger count is a lie, and twice it cannot overflow below. */
      if (!indefinite && h.number > r->count - r->at) return false;
      if (indefinite || h.number > 0) {
        if (depth == HT_CBOR_DEPTH) return false;
        open[depth].items = indefinite ? 0 : map ? h.number * 2 : h.number;
        open[depth].indefinite = indefinite;
        open[depth].map = map;
        depth++;
        ended = false;
      }
    } else if (h.major == 6) {
      ended = false; /* a tag: its item follows */
    }
    while (ended && depth > 0) {
      if (open[depth - 1].indefinite) {
        open[depth - 1].items++;
        break;
      }
      if (--open[depth - 1].items > 0) break;
      depth--;
    }
    if (ended && depth == 0) return true;
    if (!read_head(r, &h)) return false;
  }
}

static bool read_value(reader *r, ht_cbor_value *value) {
  head h;
  if (!read_head(r, &h) || is_break(&h)) return false;
  if (h.major == 2 || h.major == 3) {
    value->type = h.major == 2 ? HT_CBOR_BYTES : HT_CBOR_TEXT;
    return take_string(r, &h, value);
  }
  if (h.major == 0) {
    value->type = HT_CBOR_UINT;
    value->number = h.number;
    return true;
  }
  if (h.major == 7 && (h.info == 20 || h.info == 21)) {
    value->type = HT_CBOR_BOOL;
    value->number = h.info - 20;
    return true;
  }
  value->type = HT_CBOR_OTHER;
  return skip(r, h);
}

static bool same(const ht_cbor_value *key, const char *name) {
  uint32_t i = 0;
  for (; i < key->count; i++)
    if (name[i] == 0 || (uint8_t)name[i] != key->bytes[i]) return false;
  return name[i] == 0;
}

bool ht_cbor_read_map(const uint8_t *bytes, uint32_t count, const char *const keys[], ht_cbor_value values[], uint32_t wanted) {
  reader r = {bytes, 0, count};
  head map;
  if (wanted > MAX_WANTED || !read_head(&r, &map) || map.major != 5) return false;
  for (uint32_t i = 0; i < wanted; i++) values[i] = (ht_cbor_value){.type = HT_CBOR_ABSENT};
  const bool indefinite = map.info == 31;
  for (uint64_t pairs = 0; indefinite || pairs < map.number; pairs++) {
    head h;
    ht_cbor_value key, value = {.type = HT_CBOR_ABSENT};
    if (!read_head(&r, &h)) return false;
    if (indefinite && is_break(&h)) break;
    if (h.major != 3 || !take_string(&r, &h, &key) || !read_value(&r, &value)) return false;
    for (uint32_t i = 0; i < wanted; i++) {
      if (!same(&key, keys[i])) continue;
      if (values[i].type != HT_CBOR_ABSENT) return false;
      values[i] = value;
    }
  }
  return r.at == r.count;
}
