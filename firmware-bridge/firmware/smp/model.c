/* Group 64: a plan is uploaded, loaded, fed and timed. Messages: contracts/src/device-messages.ts. */
#include <stddef.h>
#include "server.h"

enum { INFO = 0, UPLOAD = 1, LOAD = 2, INPUT = 3, INFER = 4, OUTPUT = 5, LAYERS = 6, ERASE = 7 };

/* Head of a byte string and the map's other fields in an answer that carries a piece of the output. */
#define OUTPUT_OVERHEAD 64u

static bool is_count(const ht_cbor_value *value) { return value->type == HT_CBOR_UINT && value->number <= UINT32_MAX; }
static bool is_sha(const ht_cbor_value *value) { return value->type == HT_CBOR_BYTES && value->count == 32; }
static bool is_switch(const ht_cbor_value *value) { return value->type == HT_CBOR_ABSENT || value->type == HT_CBOR_BOOL; }

static int info(ht_smp *smp, ht_cbor_writer *out) {
  const ht_session *s = smp->session;
  ht_cbor_put_uint(out, "v", 1);
  ht_cbor_put_text(out, "board", s->board->board);
  ht_cbor_put_text(out, "fw", HT_FIRMWARE);
  ht_cbor_put_text(out, "cpu", s->board->cpu);
  ht_cbor_put_uint(out, "hz", s->board->hz);
  ht_cbor_put_text(out, "ticks", s->board->ticks);
  ht_cbor_put_uint(out, "ram", s->board->memory_bytes);
  ht_cbor_put_uint(out, "buf", HT_SMP_BUFFER);
  ht_cbor_put_uint(out, "stack", ht_port_stack());
  if (smp->boot != 0) ht_cbor_put_uint(out, "boot", smp->boot);
  if (s->loaded) ht_cbor_put_bytes(out, "plan", s->sha, 32);
  return HT_RC_OK;
}

static int no_memory(const ht_session *s, ht_cbor_writer *out) {
  ht_cbor_put_uint(out, "need", s->need);
  ht_cbor_put_uint(out, "have", s->board->memory_bytes);
  return HT_RC_NO_MEMORY;
}

static int upload(ht_session *s, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"off", "data", "len", "sha"};
  ht_cbor_value v[4];
  if (!ht_cbor_read_map(request->payload, request->count, keys, v, 4)) return HT_SMP_MALFORMED;
  const ht_cbor_value *off = &v[0], *data = &v[1];
  if (!is_count(off) || data->type != HT_CBOR_BYTES) return HT_RC_INVALID;
  if (off->number == 0) {
    if (!is_count(&v[2]) || !is_sha(&v[3])) return HT_RC_INVALID;
    const int code = ht_session_announce(s, v[3].bytes, (uint32_t)v[2].number);
    if (code == HT_RC_NO_MEMORY) return no_memory(s, out);
    if (code != HT_RC_OK) return code;
  }
  const int code = ht_session_receive(s, (uint32_t)off->number, data->bytes, data->count);
  if (code != HT_RC_OK) return code;
  ht_cbor_put_uint(out, "off", s->have);
  if (s->length > 0 && s->have == s->length) {
    ht_cbor_text(out, "match");
    ht_cbor_bool(out, ht_session_matches(s));
  }
  return HT_RC_OK;
}

static int load(ht_session *s, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"sha"};
  ht_cbor_value sha[1];
  if (!ht_cbor_read_map(request->payload, request->count, keys, sha, 1)) return HT_SMP_MALFORMED;
  if (!is_sha(&sha[0])) return HT_RC_INVALID;
  const int code = ht_session_load(s, sha[0].bytes);
  if (code == HT_RC_NO_MEMORY) return no_memory(s, out);
  if (code == HT_RC_INVALID && s->model.bad_op != UINT32_MAX) ht_cbor_put_uint(out, "op", s->model.bad_op);
  if (code != HT_RC_OK) return code;
  ht_cbor_put_uint(out, "arena", s->need - ((s->length + 15u) & ~15u));
  ht_cbor_put_uint(out, "plan", s->length);
  ht_cbor_put_uint(out, "ops", s->model.plan->op_count);
  ht_cbor_put_uint(out, "in", ht_session_input_bytes(s));
  ht_cbor_put_uint(out, "out", ht_session_output_bytes(s));
  return HT_RC_OK;
}

static int input(ht_session *s, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"off", "data"};
  ht_cbor_value v[2];
  if (!ht_cbor_read_map(request->payload, request->count, keys, v, 2)) return HT_SMP_MALFORMED;
  if (!is_count(&v[0]) || v[1].type != HT_CBOR_BYTES) return HT_RC_INVALID;
  const int code = ht_session_input(s, (uint32_t)v[0].number, v[1].bytes, v[1].count);
  if (code == HT_RC_OK) ht_cbor_put_uint(out, "off", s->input_have);
  return code;
}

static int infer(ht_session *s, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"n", "warm", "data", "out", "layers"};
  ht_cbor_value v[5];
  if (!ht_cbor_read_map(request->payload, request->count, keys, v, 5)) return HT_SMP_MALFORMED;
  const ht_cbor_value *n = &v[0], *warm = &v[1], *data = &v[2];
  if (!is_count(n) || !(is_count(warm) || warm->type == HT_CBOR_ABSENT) || !is_switch(&v[3]) || !is_switch(&v[4])) return HT_RC_INVALID;
  if (n->number == 0 || n->number > HT_MAX_RUNS || (warm->type == HT_CBOR_UINT && warm->number > HT_MAX_WARM)) return HT_RC_INVALID;
  if (!s->loaded) return HT_RC_BAD_STATE;
  if (data->type != HT_CBOR_ABSENT) {
    if (data->type != HT_CBOR_BYTES || data->count != ht_session_input_bytes(s)) return HT_RC_INVALID;
    const int code = ht_session_input(s, 0, data->bytes, data->count);
    if (code != HT_RC_OK) return code;
  }
  uint32_t ticks[HT_MAX_RUNS];
  const bool by_layer = v[4].type == HT_CBOR_BOOL && v[4].number != 0;
  const uint32_t count = (uint32_t)n->number;
  const int code = ht_session_infer(s, warm->type == HT_CBOR_UINT ? (uint32_t)warm->number : 0, count, by_layer, ticks);
  if (code != HT_RC_OK) return code;
  uint8_t bytes[4 * HT_MAX_RUNS];
  for (uint32_t i = 0; i < 4 * count; i++) bytes[i] = (uint8_t)(ticks[i / 4] >> (8 * (i & 3)));
  ht_cbor_put_uint(out, "n", count);
  ht_cbor_put_bytes(out, "t", bytes, 4 * count);
  const uint8_t *output = ht_session_output(s);
  const bool wanted = v[3].type == HT_CBOR_BOOL && v[3].number != 0;
  if (wanted && output != NULL && ht_session_output_bytes(s) + 32 <= out->room - out->count)
    ht_cbor_put_bytes(out, "out", output, ht_session_output_bytes(s));
  return HT_RC_OK;
}

static int output(const ht_session *s, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"off"};
  ht_cbor_value off[1];
  if (!ht_cbor_read_map(request->payload, request->count, keys, off, 1)) return HT_SMP_MALFORMED;
  const uint8_t *bytes = ht_session_output(s);
  if (bytes == NULL) return HT_RC_BAD_STATE;
  const uint32_t whole = ht_session_output_bytes(s);
  if (!is_count(&off[0]) || off[0].number > whole) return HT_RC_INVALID;
  const uint32_t at = (uint32_t)off[0].number, room = HT_SMP_MESSAGE - OUTPUT_OVERHEAD;
  const uint32_t count = whole - at < room ? whole - at : room;
  ht_cbor_put_uint(out, "off", at);
  ht_cbor_put_uint(out, "len", whole);
  ht_cbor_put_bytes(out, "data", bytes + at, count);
  return HT_RC_OK;
}

static int layers(const ht_session *s, const ht_smp_request *request, ht_cbor_writer *out) {
  static const char *const keys[] = {"i"};
  ht_cbor_value index[1];
  if (!ht_cbor_read_map(request->payload, request->count, keys, index, 1)) return HT_SMP_MALFORMED;
  if (!s->loaded || s->layers == 0) return HT_RC_BAD_STATE;
  if (!is_count(&index[0])) return HT_RC_INVALID;
  if (index[0].number >= s->layers) return HT_RC_NO_ENTRY;
  const uint32_t i = (uint32_t)index[0].number;
  const ht_op *op = &s->model.ops[i];
  ht_cbor_put_uint(out, "i", i);
  ht_cbor_put_uint(out, "n", s->layers);
  ht_cbor_put_uint(out, "op", op->kind);
  ht_cbor_put_uint(out, "ticks", s->layer_ticks[i]);
  ht_cbor_put_uint(out, "macs", op->macs);
  return HT_RC_OK;
}

int ht_smp_model(ht_smp *smp, uint8_t command, const ht_smp_request *request, ht_cbor_writer *out) {
  ht_session *s = smp->session;
  const bool reads = command == INFO || command == OUTPUT || command == LAYERS;
  if (command > ERASE || request->write == reads) return HT_SMP_NOT_SUPPORTED;
  switch (command) {
    case INFO:
      return info(smp, out);
    case UPLOAD:
      return upload(s, request, out);
    case LOAD:
      return load(s, request, out);
    case INPUT:
      return input(s, request, out);
    case INFER:
      return infer(s, request, out);
    case OUTPUT:
      return output(s, request, out);
    case LAYERS:
      return layers(s, request, out);
    default:
      ht_session_erase(s);
      return HT_RC_OK;
  }
}
