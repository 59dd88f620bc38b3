#include "plan-builder.h"
#include "../core/kernels/word.h"
#include "../core/model.h"

static uint32_t up16(uint32_t n) { return (n + 15u) & ~15u; }

void ht_builder_clear(ht_builder *b) {
  b->tensor_count = b->op_count = b->params_bytes = b->data_bytes = b->arena_bytes = 0;
}

static uint16_t add(ht_builder *b, uint8_t place, uint8_t type, const uint32_t dims[4], uint32_t at) {
  ht_tensor *t = &b->tensors[b->tensor_count];
  uint32_t elements = dims[0] * dims[1] * dims[2] * dims[3];
  *t = (ht_tensor){.at = at, .bytes = elements * (type == HT_INT8 ? 1u : 4u), .place = place, .type = type, .rank = 4, .scale = 1.0f};
  for (uint32_t i = 0; i < 4; i++) t->dims[i] = dims[i];
  return (uint16_t)b->tensor_count++;
}

uint16_t ht_builder_arena(ht_builder *b, uint8_t type, const uint32_t dims[4]) {
  uint16_t id = add(b, HT_ARENA, type, dims, b->arena_bytes);
  b->arena_bytes = up16(b->arena_bytes + b->tensors[id].bytes);
  return id;
}

uint32_t ht_builder_bytes(ht_builder *b, const void *bytes, uint32_t length) {
  uint32_t at = b->data_bytes;
  memcpy(b->data + at, bytes, length);
  memset(b->data + at + length, 0, up16(length) - length);
  b->data_bytes += up16(length);
  return at;
}

uint16_t ht_builder_constant(ht_builder *b, uint8_t type, const uint32_t dims[4], const void *bytes) {
  uint16_t id = add(b, HT_DATA, type, dims, b->data_bytes);
  ht_builder_bytes(b, bytes, b->tensors[id].bytes);
  return id;
}

ht_op *ht_builder_op(ht_builder *b, uint8_t kind, const uint16_t *inputs, uint32_t input_count, uint16_t output, const void *params, uint32_t params_bytes,
                     uint32_t scratch_bytes) {
  ht_op *op = &b->ops[b->op_count++];
  *op = (ht_op){.kind = kind, .input_count = (uint8_t)input_count, .output_count = 1, .output = output, .scratch_bytes = scratch_bytes};
  for (uint32_t i = 0; i < HT_MAX_INPUTS; i++) op->inputs[i] = i < input_count ? inputs[i] : (uint16_t)HT_NONE;
  op->params_at = params_bytes ? b->params_bytes + 1u : 0; /* the rest comes in ht_builder_finish */
  memcpy(b->params + b->params_bytes, params_bytes ? params : "", params_bytes);
  b->params_bytes += ht_up4(params_bytes);
  op->scratch_at = b->arena_bytes;
  b->arena_bytes = up16(b->arena_bytes + scratch_bytes);
  return op;
}

uint32_t ht_builder_finish(ht_builder *b, uint16_t input, uint16_t output, void *to, uint32_t room) {
  ht_plan_header h = {.magic = HT_PLAN_MAGIC, .version = HT_PLAN_VERSION, .input_count = 1, .output_count = 1};
  h.tensor_count = (uint16_t)b->tensor_count;
  h.op_count = (uint16_t)b->op_count;
  h.arena_bytes = b->arena_bytes;
  h.tensors_at = sizeof h;
  h.ops_at = h.tensors_at + b->tensor_count * (uint32_t)sizeof(ht_tensor);
  h.io_at = h.ops_at + b->op_count * (uint32_t)sizeof(ht_op);
  uint32_t params_at = h.io_at + 4u;
  h.data_at = up16(params_at + b->params_bytes);
  h.bytes = h.data_at + b->data_bytes;
  if (h.bytes > room) return 0;
  for (uint32_t i = 0; i < b->op_count; i++)
    if (b->ops[i].params_at != 0) b->ops[i].params_at += params_at - 1u;
  b->io[0] = input;
  b->io[1] = output;
  uint8_t *file = to;
  memset(file, 0, h.data_at);
  memcpy(file + h.tensors_at, b->tensors, b->tensor_count * sizeof(ht_tensor));
  memcpy(file + h.ops_at, b->ops, b->op_count * sizeof(ht_op));
  memcpy(file + h.io_at, b->io, 4);
  memcpy(file + params_at, b->params, b->params_bytes);
  memcpy(file + h.data_at, b->data, b->data_bytes);
  memcpy(file, &h, sizeof h);
  ht_builder_seal(file);
  return h.bytes;
}

void ht_builder_seal(void *file) {
  ht_plan_header *h = file;
  h->crc32 = ht_crc32(0, h + 1, h->bytes - (uint32_t)sizeof *h);
}

uint32_t ht_builder_pack(int8_t *to, const int8_t *rows, uint32_t groups, uint32_t row_count, uint32_t length) {
  uint32_t k4 = ht_up4(length), padded = ht_up4(row_count);
  memset(to, 0, (size_t)groups * padded * k4);
  for (uint32_t g = 0; g < groups; g++)
    for (uint32_t r = 0; r < row_count; r++)
      for (uint32_t k = 0; k < length; k++)
        to[(g * padded + (r & ~3u)) * k4 + (k / 4u) * 16u + (r & 3u) * 4u + (k & 3u)] = rows[(g * row_count + r) * length + k];
  return groups * padded * k4;
}
