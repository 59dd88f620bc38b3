#include "cases.h"
#include "../core/kernels/word.h"

typedef struct {
  ht_case *c;
  ht_builder *b;
  ht_random *r;
} maker;

static int32_t in(maker *m, int32_t low, int32_t high) { return ht_random_in(m->r, low, high); }
static int one_in(maker *m, int32_t n) { return in(m, 1, n) == 1; }

/* Half of the scales are powers of two, where ties happen; the others float32 values, some any 31 bits. */
static ht_scale scale_near(maker *m, int32_t shift) {
  ht_scale s = {1 << 30, shift};
  s.shift += in(m, -1, 1);
  int32_t sort = in(m, 0, 3);
  if (sort == 1) s.multiplier += (int32_t)(ht_random_next(m->r) >> 2);
  if (sort == 2) s.multiplier += (int32_t)((ht_random_next(m->r) >> 2) & ~127u);
  if (s.shift < 1) s.shift = 1;
  return s;
}

static void clamp(maker *m, int32_t *min, int32_t *max) {
  *min = one_in(m, 3) ? in(m, -128, 0) : -128;
  *max = one_in(m, 3) ? in(m, 1, 127) : 127;
}

static int32_t log2_of(uint32_t n) {
  int32_t log = 0;
  while (n >>= 1) log++;
  return log;
}

/* Channels of a layer with weights; terms: how many products a sum has. Its weights are rows of `length`, or columns (DEPTHWISE). */
static uint16_t channels(maker *m, uint32_t outputs, uint32_t length, uint32_t row_step, uint32_t step, int32_t input_zero, int as_float) {
  ht_case *c = m->c;
  for (uint32_t o = 0; o < outputs; o++) {
    int32_t sum = 0;
    for (uint32_t k = 0; k < length; k++) sum += c->weights[o * row_step + k * step];
    ht_scale s = scale_near(m, 30 + 6 + log2_of(length) / 2 + 1);
    c->bias[o] = in(m, -4000, 4000);
    c->channels[o] = (ht_channel){c->bias[o] - input_zero * sum, s.multiplier, (int32_t)((uint32_t)(step == 1 ? sum : 0) << 8) | s.shift};
    if (as_float) {
      float scale = (float)in(m, 1, 1000000) / 1048576.0f;
      memcpy(&c->channels[o].multiplier, &scale, 4);
      c->channels[o].shift_sum &= (int32_t)0xffffff00u;
    }
  }
  uint32_t dims[4] = {1, 1, outputs, 3};
  return ht_builder_constant(m->b, HT_INT32, dims, c->channels);
}

static void weights(maker *m, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) m->c->weights[i] = (int8_t)in(m, -128, 127);
}

/* Output size of an axis: the padding behind is any that a model could have. */
static uint32_t window(maker *m, uint32_t input, uint32_t kernel, uint32_t stride, uint32_t dilation, uint32_t pad) {
  uint32_t reach = (kernel - 1u) * dilation;
  uint32_t behind = (uint32_t)in(m, 0, (int32_t)reach);
  uint32_t whole = input + pad + behind;
  uint32_t out = whole > reach ? (whole - reach - 1u) / stride + 1u : 1u;
  while (out > 1 && (out - 1u) * stride >= input + pad) out--;
  return out;
}

static uint16_t arena(maker *m, uint8_t type, uint32_t n, uint32_t h, uint32_t w, uint32_t c) {
  uint32_t dims[4] = {n, h, w, c};
  uint16_t id = ht_builder_arena(m->b, type, dims);
  m->b->tensors[id].zero_point = type == HT_INT8 ? in(m, -128, 127) : 0;
  m->b->tensors[id].scale = (float)in(m, 1, 4096) / 8192.0f;
  return id;
}

static uint16_t any(maker *m, uint8_t type) {
  uint32_t d[4]; /* one by one here and below: arguments are evaluated in any order, and cases are the same on every board */
  for (uint32_t i = 0; i < 4; i++) d[i] = (uint32_t)in(m, 1, (int32_t[]){2, 6, 6, 9}[i]);
  return arena(m, type, d[0], d[1], d[2], d[3]);
}

static uint16_t like(maker *m, uint16_t x, uint8_t type) {
  const uint32_t *d = m->b->tensors[x].dims;
  return arena(m, type, d[0], d[1], d[2], d[3]);
}

static void finish(maker *m, uint8_t kind, const uint16_t *inputs, uint32_t count, uint16_t y, const void *params, uint32_t bytes, uint32_t scratch) {
  ht_builder_op(m->b, kind, inputs, count, y, params, bytes, scratch);
  m->c->bytes = ht_builder_finish(m->b, inputs[0], y, m->c->file, ht_case_room);
}

static void make_conv(maker *m, uint8_t kind) {
  ht_conv p = {0};
  int depthwise = kind == HT_DEPTHWISE;
  p.kernel_h = (uint16_t)in(m, 1, 4), p.kernel_w = (uint16_t)in(m, 1, 4);
  p.stride_h = (uint16_t)in(m, 1, 3), p.stride_w = (uint16_t)in(m, 1, 3);
  p.dilation_h = (uint16_t)(one_in(m, 3) ? in(m, 1, 3) : 1), p.dilation_w = (uint16_t)(one_in(m, 3) ? in(m, 1, 3) : 1);
  p.pad_top = (uint16_t)in(m, 0, (p.kernel_h - 1) * p.dilation_h), p.pad_left = (uint16_t)in(m, 0, (p.kernel_w - 1) * p.dilation_w);
  p.input_zero = in(m, -128, 127), p.output_zero = in(m, -128, 127);
  clamp(m, &p.min, &p.max);
  uint32_t groups = depthwise ? (uint32_t)(one_in(m, 2) ? 4 * in(m, 1, 5) : in(m, 1, 20)) : (uint32_t)(one_in(m, 3) ? in(m, 2, 4) : 1);
  uint32_t depth = depthwise ? 1u : (uint32_t)(one_in(m, 2) ? 4 * in(m, 1, 5) : in(m, 1, 20));
  uint32_t rows = depthwise ? (uint32_t)(one_in(m, 3) ? in(m, 2, 3) : 1) : (uint32_t)in(m, 1, 12);
  p.groups = (uint16_t)groups;
  uint32_t h = (uint32_t)in(m, 1, 8), w = (uint32_t)in(m, 1, 8), n = (uint32_t)(one_in(m, 4) ? 2 : 1);
  uint32_t out_h = window(m, h, p.kernel_h, p.stride_h, p.dilation_h, p.pad_top), out_w = window(m, w, p.kernel_w, p.stride_w, p.dilation_w, p.pad_left);
  uint32_t taps = (uint32_t)p.kernel_h * p.kernel_w, length = taps * depth, outputs = groups * rows;
  weights(m, outputs * length);
  uint16_t x = arena(m, HT_INT8, n, h, w, groups * depth), y = arena(m, HT_INT8, n, out_h, out_w, outputs);
  uint32_t k4 = ht_up4(length);
  uint16_t inputs[3] = {x, 0, 0};
  if (depthwise) {
    uint32_t dims[4] = {1, p.kernel_h, p.kernel_w, outputs};
    inputs[1] = ht_builder_constant(m->b, HT_INT8, dims, m->c->weights);
    inputs[2] = channels(m, outputs, taps, 1, outputs, p.input_zero, 0);
  } else {
    uint32_t dims[4] = {1, groups, ht_up4(rows), k4};
    ht_builder_pack(m->c->packed, m->c->weights, groups, rows, length);
    inputs[1] = ht_builder_constant(m->b, HT_INT8, dims, m->c->packed);
    inputs[2] = channels(m, outputs, length, length, 1, p.input_zero, 0);
  }
  finish(m, kind, inputs, 3, y, &p, sizeof p, depthwise ? 0 : 4 * k4);
}

static void make_dense(maker *m) {
  ht_dense p;
  p.rows = (uint32_t)(one_in(m, 2) ? in(m, 1, 4) : 1);
  p.inputs = (uint32_t)in(m, 1, 90);
  p.outputs = (uint32_t)in(m, 1, 40);
  p.output_zero = in(m, -128, 127);
  clamp(m, &p.min, &p.max);
  int as_float = one_in(m, 4);
  weights(m, p.outputs * p.inputs);
  uint32_t k4 = ht_up4(p.inputs), dims[4] = {1, 1, ht_up4(p.outputs), k4};
  uint16_t x = arena(m, HT_INT8, 1, 1, p.rows, p.inputs), y = arena(m, as_float ? HT_FLOAT32 : HT_INT8, 1, 1, p.rows, p.outputs);
  ht_builder_pack(m->c->packed, m->c->weights, 1, p.outputs, p.inputs);
  uint16_t w = ht_builder_constant(m->b, HT_INT8, dims, m->c->packed);
  uint16_t inputs[3] = {x, w, channels(m, p.outputs, p.inputs, p.inputs, 1, m->b->tensors[x].zero_point, as_float)};
  finish(m, HT_DENSE, inputs, 3, y, &p, sizeof p, k4);
}

static void make_binary(maker *m, uint8_t kind) {
  ht_binary p = {0};
  p.a_zero = in(m, -128, 127);
  p.b_zero = in(m, -128, 127);
  p.output_zero = in(m, -128, 127);
  clamp(m, &p.min, &p.max);
  uint16_t y = any(m, HT_INT8), inputs[2];
  for (uint32_t i = 0; i < 2; i++) {
    uint32_t d[4];
    int narrow = one_in(m, 3);
    for (uint32_t k = 0; k < 4; k++) d[k] = narrow && one_in(m, 2) ? 1u : m->b->tensors[y].dims[k];
    inputs[i] = arena(m, HT_INT8, d[0], d[1], d[2], d[3]);
  }
  if (kind == HT_ADD) {
    p.a_multiplier = scale_near(m, 30).multiplier;
    p.b_multiplier = one_in(m, 2) ? 1 << in(m, 28, 30) : in(m, -0x7fffffff, 0x7fffffff);
    p.shift = in(m, 29, 32);
  } else {
    ht_scale s = scale_near(m, 30 + 8);
    p.a_multiplier = s.multiplier, p.shift = s.shift;
  }
  finish(m, kind, inputs, 2, y, &p, sizeof p, 0);
}

static void make_pool(maker *m, uint8_t kind) {
  ht_pool p = {0};
  uint32_t h = (uint32_t)in(m, 1, 8), w = (uint32_t)in(m, 1, 8), c = (uint32_t)in(m, 1, 9), n = (uint32_t)in(m, 1, 2);
  int global = one_in(m, 4);
  p.kernel_h = (uint16_t)(global ? h : (uint32_t)in(m, 1, 4)), p.kernel_w = (uint16_t)(global ? w : (uint32_t)in(m, 1, 4));
  p.stride_h = (uint16_t)in(m, 1, 3), p.stride_w = (uint16_t)in(m, 1, 3);
  if (!global) p.pad_top = (uint16_t)in(m, 0, p.kernel_h - 1), p.pad_left = (uint16_t)in(m, 0, p.kernel_w - 1);
  p.input_zero = in(m, -128, 127), p.output_zero = in(m, -128, 127);
  clamp(m, &p.min, &p.max);
  ht_scale scales[64];
  uint32_t taps = (uint32_t)p.kernel_h * p.kernel_w;
  if (kind == HT_AVERAGE_POOL) {
    p.scale_count = one_in(m, 2) ? taps : 1;
    for (uint32_t i = 0; i < p.scale_count; i++) scales[i] = scale_near(m, 30 + log2_of(p.scale_count == 1 ? taps : i + 1));
    p.scales_at = ht_builder_bytes(m->b, scales, p.scale_count * (uint32_t)sizeof(ht_scale));
  }
  uint16_t x = arena(m, HT_INT8, n, h, w, c);
  uint32_t out_h = window(m, h, p.kernel_h, p.stride_h, 1, p.pad_top), out_w = window(m, w, p.kernel_w, p.stride_w, 1, p.pad_left);
  uint16_t y = arena(m, HT_INT8, n, out_h, out_w, c);
  finish(m, kind, &x, 1, y, &p, sizeof p, 0);
}

static void make_softmax(maker *m) {
  uint32_t table[256];
  uint32_t falls = (uint32_t)in(m, 200, 255); /* of 256: how fast the exponential goes down */
  uint64_t value = 1u << 22;
  for (uint32_t i = 0; i < 256; i++, value = (value * falls) >> 8) table[i] = (uint32_t)value;
  uint32_t dims[4] = {1, 1, 1, 256};
  ht_softmax p;
  p.inverse_scale = (uint32_t)(one_in(m, 2) ? 256 : in(m, 1, 511));
  p.output_zero = one_in(m, 2) ? -128 : in(m, -128, 127);
  uint16_t x = any(m, HT_INT8), y = like(m, x, HT_INT8);
  uint16_t inputs[2] = {x, ht_builder_constant(m->b, HT_INT32, dims, table)};
  finish(m, HT_SOFTMAX, inputs, 2, y, &p, sizeof p, 0);
}

static void make_table(maker *m) {
  weights(m, 256);
  uint32_t dims[4] = {1, 1, 1, 256};
  uint16_t x = any(m, HT_INT8), y = like(m, x, HT_INT8);
  uint16_t inputs[2] = {x, ht_builder_constant(m->b, HT_INT8, dims, m->c->weights)};
  finish(m, HT_TABLE, inputs, 2, y, 0, 0, 0);
}

static void make_transpose(maker *m) {
  ht_transpose p = {{0, 1, 2, 3}};
  for (uint32_t i = 3; i > 0; i--) {
    uint32_t other = (uint32_t)in(m, 0, (int32_t)i);
    uint8_t kept = p.perm[i];
    p.perm[i] = p.perm[other], p.perm[other] = kept;
  }
  uint8_t type = one_in(m, 4) ? HT_FLOAT32 : HT_INT8;
  uint16_t x = any(m, type);
  const uint32_t *d = m->b->tensors[x].dims;
  uint16_t y = arena(m, type, d[p.perm[0]], d[p.perm[1]], d[p.perm[2]], d[p.perm[3]]);
  finish(m, HT_TRANSPOSE, &x, 1, y, &p, sizeof p, 0);
}

static void make_concat(maker *m) {
  struct {
    uint32_t axis;
    int32_t output_zero;
    ht_concat_input inputs[HT_MAX_INPUTS];
  } p;
  p.axis = (uint32_t)in(m, 0, 3);
  p.output_zero = in(m, -128, 127);
  uint32_t count = (uint32_t)in(m, 1, HT_MAX_INPUTS), along = 0, d[4];
  for (uint32_t i = 0; i < 4; i++) d[i] = (uint32_t)in(m, 1, (int32_t[]){2, 5, 5, 9}[i]);
  uint16_t inputs[HT_MAX_INPUTS];
  for (uint32_t i = 0; i < count; i++) {
    d[p.axis] = (uint32_t)in(m, 1, 5);
    along += d[p.axis];
    inputs[i] = arena(m, HT_INT8, d[0], d[1], d[2], d[3]);
    ht_scale s = scale_near(m, 31);
    p.inputs[i].zero = in(m, -128, 127);
    p.inputs[i].multiplier = one_in(m, 2) ? 0 : s.multiplier;
    p.inputs[i].shift = s.shift;
  }
  d[p.axis] = along;
  uint16_t y = arena(m, HT_INT8, d[0], d[1], d[2], d[3]);
  finish(m, HT_CONCAT, inputs, count, y, &p, (uint32_t)(8 + count * sizeof(ht_concat_input)), 0);
}

static void make_pad(maker *m) {
  ht_pad p = {{0}, in(m, -128, 127)};
  uint16_t x = any(m, HT_INT8);
  uint32_t d[4];
  for (uint32_t i = 0; i < 4; i++) {
    p.before[i] = (uint32_t)in(m, 0, 2);
    d[i] = m->b->tensors[x].dims[i] + p.before[i] + (uint32_t)in(m, 0, 2);
  }
  uint16_t y = arena(m, HT_INT8, d[0], d[1], d[2], d[3]);
  finish(m, HT_PAD, &x, 1, y, &p, sizeof p, 0);
}

static void make_plain(maker *m, uint8_t kind) {
  uint16_t x = any(m, kind == HT_QUANTIZE ? HT_FLOAT32 : HT_INT8), y = like(m, x, kind == HT_DEQUANTIZE ? HT_FLOAT32 : HT_INT8);
  finish(m, kind, &x, 1, y, 0, 0, 0);
}

void ht_case_make(ht_case *c, uint8_t kind, ht_random *random) {
  maker m = {c, &c->builder, random};
  ht_builder_clear(m.b);
  switch ((ht_op_kind)kind) {
    case HT_CONV:
    case HT_DEPTHWISE: make_conv(&m, kind); break;
    case HT_DENSE: make_dense(&m); break;
    case HT_ADD:
    case HT_MUL: make_binary(&m, kind); break;
    case HT_MAX_POOL:
    case HT_AVERAGE_POOL: make_pool(&m, kind); break;
    case HT_SOFTMAX: make_softmax(&m); break;
    case HT_TABLE: make_table(&m); break;
    case HT_TRANSPOSE: make_transpose(&m); break;
    case HT_CONCAT: make_concat(&m); break;
    case HT_PAD: make_pad(&m); break;
    case HT_COPY:
    case HT_QUANTIZE:
    case HT_DEQUANTIZE: make_plain(&m, kind); break;
  }
}

void ht_case_fill(const ht_op *op, const ht_tensor *tensors, uint8_t *arena, ht_random *random) {
  for (uint32_t i = 0; i < op->input_count; i++) {
    const ht_tensor *t = &tensors[op->inputs[i]];
    if (t->place != HT_ARENA) continue;
    for (uint32_t k = 0; k < t->bytes; k++) arena[t->at + k] = (uint8_t)(ht_random_next(random) >> 24);
    if (t->type != HT_FLOAT32) continue;
    for (uint32_t k = 0; k < t->bytes / 4u; k++) {
      float value = (float)ht_random_in(random, -40000, 40000) / 1024.0f;
      memcpy(arena + t->at + 4u * k, &value, 4);
    }
  }
}
