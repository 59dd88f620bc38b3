#include "make.h"
#include <stdio.h>
#include <string.h>
#include "../core/model.h"
#include "../session/sha256.h"
#include "../smp/base64.h"
#include "../smp/cbor.h"
#include "../smp/console.h"
#include "../smp/crc16.h"

static uint64_t state;
static unsigned long whole_plans;

void make_seed(uint64_t seed) { state = seed * 0x9e3779b97f4a7c15u + 1; }
unsigned long make_loads(void) { return whole_plans; }

/* xorshift64* (Vigna 2016) */
static uint32_t next(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)((state * 0x2545f4914f6cdd1du) >> 32);
}

uint32_t make_below(uint32_t limit) { return next() % limit; }

static void damage(uint8_t *bytes, uint32_t *length) {
  for (uint32_t times = make_below(4); times > 0 && *length > 0; times--) {
    const uint32_t at = make_below(*length);
    switch (make_below(4)) {
      case 0:
        bytes[at] ^= (uint8_t)(1u << make_below(8));
        break;
      case 1:
        bytes[at] = (uint8_t)next();
        break;
      case 2:
        memmove(bytes + at, bytes + at + 1, *length - at - 1);
        (*length)--;
        break;
      default:
        if (*length + 1 >= MAKE_ROOM) break;
        memmove(bytes + at + 1, bytes + at, *length - at);
        (*length)++;
    }
  }
}

uint32_t make_noise(uint8_t *bytes) {
  static const uint8_t special[] = {0x06, 0x09, 0x04, 0x14, '\n', '\r', '=', 'A', '/', '%', ' '};
  const uint32_t length = make_below(300);
  for (uint32_t i = 0; i < length; i++) bytes[i] = make_below(2) ? (uint8_t)next() : special[make_below(sizeof special)];
  return length;
}

uint32_t make_command(uint8_t *bytes) {
  static const char *const words[] = {"name", "profile", "help", "timestamp", "db", "load", "print", "infer", "results",
                                      "0", "1", "3", "16", "999999999999", "0a0b", "zz", "abc", "", "%"};
  uint32_t length = 0;
  for (uint32_t count = make_below(5); count > 0; count--) {
    const char *word = words[make_below(sizeof words / sizeof *words)];
    length += (uint32_t)sprintf((char *)bytes + length, "%s%s", word, make_below(8) ? " " : "");
  }
  if (make_below(20) == 0)
    for (uint32_t i = 0; i < 100; i++) bytes[length++] = 'x';
  bytes[length++] = '%';
  if (make_below(4) == 0) damage(bytes, &length);
  return length;
}

static void make_value(ht_cbor_writer *w) {
  static const uint64_t numbers[] = {0, 1, 2, 16, 23, 24, 64, 255, 256, 1000, 4096, 65535, 65536, 0xffffffff, 0x100000000, UINT64_MAX};
  static const uint8_t zeros[600];
  switch (make_below(6)) {
    case 0:
      ht_cbor_bytes(w, zeros, make_below(2) ? 32 : make_below(sizeof zeros));
      break;
    case 1:
      ht_cbor_text_bytes(w, zeros, make_below(40));
      break;
    case 2:
      ht_cbor_bool(w, make_below(2));
      break;
    case 3:
      for (uint32_t depth = make_below(12), i = 0; i < depth; i++) ht_cbor_begin_array(w);
      break;
    default:
      ht_cbor_uint(w, make_below(3) ? numbers[make_below(16)] : next());
  }
}

uint32_t make_map(uint8_t *bytes) {
  static const char *const keys[] = {"off", "data", "len", "sha", "n", "warm", "out", "layers", "i", "d", "format", "name", "x"};
  ht_cbor_writer w = {bytes, 4000, 0, false};
  ht_cbor_begin(&w);
  for (uint32_t count = make_below(6); count > 0; count--) {
    ht_cbor_text(&w, keys[make_below(sizeof keys / sizeof *keys)]);
    make_value(&w);
  }
  ht_cbor_end(&w);
  uint32_t length = w.count;
  if (make_below(2)) damage(bytes, &length);
  return length;
}

/* The message at framed + 2 with length and CRC, as lines. */
static uint32_t to_lines(uint8_t *framed, uint32_t length, uint8_t *bytes) {
  const uint16_t crc = ht_crc16(0, framed + 2, length);
  const uint8_t ends[4] = {(uint8_t)((length + 2) >> 8), (uint8_t)(length + 2), (uint8_t)(crc >> 8), (uint8_t)crc};
  memcpy(framed, ends, 2);
  memcpy(framed + 2 + length, ends + 2, 2);
  uint32_t at = 0, count = 0;
  /* Lines of any length: 93 is a habit of senders, not a rule for who receives. */
  for (uint32_t piece; at < length + 4; at += piece) {
    piece = make_below(8) ? 93 : 1 + make_below(200);
    if (piece > length + 4 - at) piece = length + 4 - at;
    bytes[count++] = at == 0 ? 0x06 : 0x04;
    bytes[count++] = at == 0 ? 0x09 : 0x14;
    count += ht_base64_encode(framed + at, piece, (char *)bytes + count);
    bytes[count++] = '\n';
  }
  return count;
}

static uint32_t put_header(uint8_t *message, uint32_t operation, uint32_t payload, uint32_t group, uint32_t command) {
  const uint8_t header[8] = {(uint8_t)(make_below(2) << 3 | operation), 0, (uint8_t)(payload >> 8), (uint8_t)payload,
                             (uint8_t)(group >> 8), (uint8_t)group, (uint8_t)next(), (uint8_t)command};
  memcpy(message, header, 8);
  return payload + 8;
}

uint32_t make_frame(uint8_t *bytes) {
  static const uint16_t groups[] = {0, 0, 2, 64, 64, 64, 64, 1, 9, 65};
  static uint8_t framed[HT_SMP_BUFFER + 64];
  const uint32_t payload = make_map(framed + 10);
  uint32_t length = put_header(framed + 2, make_below(2) * 2, payload, groups[make_below(10)], make_below(9));
  if (make_below(8) == 0) framed[2 + make_below(8)] = (uint8_t)next();
  uint32_t count = to_lines(framed, length, bytes);
  if (make_below(4) == 0) damage(bytes, &count);
  return count;
}

/* Copies 16 bytes of input to 16 bytes of output. */
static uint32_t small_plan(uint8_t *plan) {
  ht_plan_header h = {.magic = HT_PLAN_MAGIC, .version = HT_PLAN_VERSION, .arena_bytes = 32, .tensor_count = 2, .op_count = 1,
                      .input_count = 1, .output_count = 1, .tensors_at = 64, .ops_at = 136, .io_at = 172, .data_at = 176, .bytes = 192};
  const ht_tensor t[2] = {{.bytes = 16, .type = HT_INT8, .rank = 2, .dims = {1, 1, 1, 16}, .scale = 0.5f},
                          {.at = 16, .bytes = 16, .type = HT_INT8, .rank = 2, .dims = {1, 1, 1, 16}, .scale = 0.5f}};
  const ht_op op = {.kind = HT_COPY, .input_count = 1, .output_count = 1, .inputs = {0, HT_NONE, HT_NONE, HT_NONE, HT_NONE, HT_NONE}, .output = 1};
  const uint16_t io[2] = {0, 1};
  memset(plan, 0, 192);
  memcpy(plan + 64, t, sizeof t);
  memcpy(plan + 136, &op, sizeof op);
  memcpy(plan + 172, io, sizeof io);
  memcpy(plan, &h, sizeof h);
  if (make_below(2) == 0) whole_plans++;
  else
    for (uint32_t times = 1 + make_below(3); times > 0; times--) {
      const uint32_t at = make_below(192);
      plan[at] = make_below(2) ? (uint8_t)next() : (uint8_t)(plan[at] ^ 1u << make_below(8));
    }
  memcpy(&h, plan, sizeof h);
  h.crc32 = ht_crc32(0, plan + 64, 128);
  memcpy(plan, &h, sizeof h);
  return 192;
}

static uint32_t request(uint8_t *bytes, uint32_t command, void (*fill)(ht_cbor_writer *w)) {
  static uint8_t framed[HT_SMP_BUFFER + 64];
  ht_cbor_writer w = {framed + 10, 4000, 0, false};
  ht_cbor_begin(&w);
  fill(&w);
  ht_cbor_end(&w);
  const uint32_t operation = command == 5 || command == 6 ? 0 : 2;
  return to_lines(framed, put_header(framed + 2, operation, w.count, 64, command), bytes);
}

static uint8_t plan[192], digest[32];
static uint32_t sent;

static void fill_upload(ht_cbor_writer *w) {
  const uint32_t count = make_below(3) ? 192 - sent : make_below(193 - sent);
  ht_cbor_put_uint(w, "off", sent);
  ht_cbor_put_bytes(w, "data", plan + sent, count);
  if (sent == 0) {
    ht_cbor_put_uint(w, "len", 192);
    ht_cbor_put_bytes(w, "sha", digest, 32);
  }
  sent += count;
}

static void fill_load(ht_cbor_writer *w) { ht_cbor_put_bytes(w, "sha", digest, 32); }

static void fill_infer(ht_cbor_writer *w) {
  ht_cbor_put_uint(w, "n", 1 + make_below(4));
  ht_cbor_put_uint(w, "warm", make_below(3));
  if (make_below(2)) ht_cbor_put_bytes(w, "data", plan, make_below(4) ? 16 : make_below(40));
  ht_cbor_text(w, make_below(2) ? "out" : "layers");
  ht_cbor_bool(w, true);
}

static void fill_index(ht_cbor_writer *w) { ht_cbor_put_uint(w, make_below(2) ? "off" : "i", make_below(3)); }

uint32_t make_plan_traffic(uint8_t *bytes) {
  ht_sha256(plan, small_plan(plan), digest);
  sent = 0;
  uint32_t count = request(bytes, 1, fill_upload);
  while (sent > 0 && sent < 192 && count < MAKE_ROOM / 2) count += request(bytes + count, 1, fill_upload);
  count += request(bytes + count, 2, fill_load);
  count += request(bytes + count, 4, fill_infer);
  count += request(bytes + count, 5, fill_index);
  count += request(bytes + count, 6, fill_index);
  if (make_below(8) == 0) damage(bytes, &count);
  return count;
}
