/* One check for each operator. Sizes are compared as 64-bit products, so that nothing wraps. */
#include "check.h"
#include "kernels/kernels.h"
#include "kernels/word.h"

static int is_int8(int32_t value) { return value >= -128 && value <= 127; }

static int clamp_is_sound(int32_t min, int32_t max) { return is_int8(min) && is_int8(max) && min <= max; }

static int scale_is_sound(int32_t multiplier, int32_t shift) { return multiplier >= 0 && shift >= 1 && shift <= 62; }

static int is_constant(const ht_tensor *t, uint8_t type, uint64_t elements) {
  return t->place == HT_DATA && t->type == type && ht_elements(t) == elements;
}

static int same_dims(const ht_tensor *a, const ht_tensor *b) {
  for (uint32_t i = 0; i < 4; i++)
    if (a->dims[i] != b->dims[i]) return 0;
  return 1;
}

static int types_are(const ht_model *model, const ht_op *op, uint32_t inputs, uint8_t x, uint8_t y) {
  return op->input_count == inputs && ht_in(model, op, 0)->type == x && ht_out(model, op)->type == y;
}

/* The parameters, if they lie in the file. */
static const void *params_of(const ht_model *model, const ht_op *op, uint32_t bytes) {
  uint32_t limit = model->plan->bytes;
  if (op->params_at < sizeof(ht_plan_header) || op->params_at % 4u != 0) return 0;
  return op->params_at <= limit && bytes <= limit - op->params_at ? ht_params(model, op) : 0;
}

/* A float output's multiplier is a float32, and its shift is not used. */
static int channels_are_sound(const ht_model *model, const ht_tensor *t, uint32_t outputs, int scaled) {
  if (!is_constant(t, HT_INT32, (uint64_t)outputs * 3u)) return 0;
  const ht_channel *c = ht_read(model, t);
  for (uint32_t i = 0; scaled && i < outputs; i++)
    if (!scale_is_sound(c[i].multiplier, c[i].shift_sum & 0xff)) return 0;
  return 1;
}

/* Along one axis: each window begins before the input's end, the first not a whole window before its start. */
static int axis_is_sound(uint32_t kernel, uint32_t stride, uint32_t dilation, uint32_t pad, uint32_t input, uint32_t output) {
  if (kernel == 0 || stride == 0 || dilation == 0) return 0;
  uint64_t reach = (uint64_t)(kernel - 1u) * dilation;
  if (reach > HT_MAX_REACH || pad > reach) return 0;
  return (uint64_t)(output - 1u) * stride < (uint64_t)input + pad;
}

static int check_conv(const ht_model *model, const ht_op *op) {
  const ht_conv *p = params_of(model, op, sizeof *p);
  if (!p || !types_are(model, op, 3, HT_INT8, HT_INT8)) return 0;
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  uint32_t in_c = x->dims[3], out_c = y->dims[3];
  if (x->dims[0] != y->dims[0] || p->groups == 0 || in_c % p->groups != 0 || out_c % p->groups != 0) return 0;
  if (!axis_is_sound(p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, x->dims[1], y->dims[1])) return 0;
  if (!axis_is_sound(p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, x->dims[2], y->dims[2])) return 0;
  if (!is_int8(p->input_zero) || !is_int8(p->output_zero) || !clamp_is_sound(p->min, p->max)) return 0;
  if (!channels_are_sound(model, ht_in(model, op, 2), out_c, 1)) return 0;
  uint64_t taps = (uint64_t)p->kernel_h * p->kernel_w;
  if (op->kind == HT_DEPTHWISE) return p->groups == in_c && is_constant(ht_in(model, op, 1), HT_INT8, taps * out_c);
  uint64_t row = taps * (in_c / p->groups);
  if (row > HT_MAX_ROW) return 0;
  uint32_t k4 = ht_up4((uint32_t)row);
  return op->scratch_bytes >= 4u * k4 && is_constant(ht_in(model, op, 1), HT_INT8, (uint64_t)p->groups * ht_up4(out_c / p->groups) * k4);
}

static int check_dense(const ht_model *model, const ht_op *op) {
  const ht_dense *p = params_of(model, op, sizeof *p);
  uint8_t type = ht_out(model, op)->type;
  if (!p || type == HT_INT32 || !types_are(model, op, 3, HT_INT8, type)) return 0;
  if (p->inputs == 0 || p->inputs > HT_MAX_ROW || p->outputs == 0 || p->outputs > HT_MAX_ELEMENTS) return 0;
  if ((uint64_t)p->rows * p->inputs != ht_elements(ht_in(model, op, 0))) return 0;
  if ((uint64_t)p->rows * p->outputs != ht_elements(ht_out(model, op))) return 0;
  if (!is_int8(p->output_zero) || !clamp_is_sound(p->min, p->max)) return 0;
  if (p->rows > 1 && p->inputs % 4u != 0 && op->scratch_bytes < ht_up4(p->inputs)) return 0;
  return is_constant(ht_in(model, op, 1), HT_INT8, (uint64_t)ht_up4(p->outputs) * ht_up4(p->inputs)) &&
         channels_are_sound(model, ht_in(model, op, 2), p->outputs, type == HT_INT8);
}

static int check_binary(const ht_model *model, const ht_op *op) {
  const ht_binary *p = params_of(model, op, sizeof *p);
  const ht_tensor *y = ht_out(model, op);
  if (!p || !types_are(model, op, 2, HT_INT8, HT_INT8) || ht_in(model, op, 1)->type != HT_INT8) return 0;
  for (uint32_t input = 0; input < 2; input++)
    for (uint32_t i = 0; i < 4; i++) {
      uint32_t dim = ht_in(model, op, input)->dims[i];
      if (dim != y->dims[i] && dim != 1) return 0;
    }
  if (!is_int8(p->a_zero) || !is_int8(p->b_zero) || !is_int8(p->output_zero) || !clamp_is_sound(p->min, p->max)) return 0;
  return op->kind == HT_ADD ? p->shift >= 17 && p->shift <= 46 : scale_is_sound(p->a_multiplier, p->shift);
}

static int check_pool(const ht_model *model, const ht_op *op) {
  const ht_pool *p = params_of(model, op, sizeof *p);
  if (!p || !types_are(model, op, 1, HT_INT8, HT_INT8)) return 0;
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  if (x->dims[0] != y->dims[0] || x->dims[3] != y->dims[3]) return 0;
  if (!axis_is_sound(p->kernel_h, p->stride_h, 1, p->pad_top, x->dims[1], y->dims[1])) return 0;
  if (!axis_is_sound(p->kernel_w, p->stride_w, 1, p->pad_left, x->dims[2], y->dims[2])) return 0;
  if (!is_int8(p->input_zero) || !is_int8(p->output_zero) || !clamp_is_sound(p->min, p->max)) return 0;
  if (op->kind == HT_MAX_POOL) return p->scale_count == 0;
  if (p->scale_count != 1 && p->scale_count != (uint32_t)p->kernel_h * p->kernel_w) return 0;
  if (p->scales_at % 4u != 0 || p->scales_at > model->data_bytes) return 0;
  if ((uint64_t)p->scale_count * sizeof(ht_scale) > model->data_bytes - p->scales_at) return 0;
  const ht_scale *scales = (const ht_scale *)(const void *)(model->data + p->scales_at);
  for (uint32_t i = 0; i < p->scale_count; i++)
    if (!scale_is_sound(scales[i].multiplier, scales[i].shift)) return 0;
  return 1;
}

static int check_softmax(const ht_model *model, const ht_op *op) {
  const ht_softmax *p = params_of(model, op, sizeof *p);
  if (p && types_are(model, op, 1, HT_FLOAT32, HT_FLOAT32))
    return same_dims(ht_in(model, op, 0), ht_out(model, op)) && p->inverse_scale == 0 && p->output_zero == 0;
  if (!p || !types_are(model, op, 2, HT_INT8, HT_INT8) || !same_dims(ht_in(model, op, 0), ht_out(model, op))) return 0;
  return p->inverse_scale >= 1 && p->inverse_scale <= 511 && is_int8(p->output_zero) && is_constant(ht_in(model, op, 1), HT_INT32, 256);
}

static int check_transpose(const ht_model *model, const ht_op *op) {
  const ht_transpose *p = params_of(model, op, sizeof *p);
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  if (!p || !types_are(model, op, 1, x->type, x->type)) return 0;
  uint32_t seen = 0;
  for (uint32_t i = 0; i < 4; i++) {
    if (p->perm[i] > 3 || y->dims[i] != x->dims[p->perm[i]]) return 0;
    seen |= 1u << p->perm[i];
  }
  return seen == 15u;
}

static int check_concat(const ht_model *model, const ht_op *op) {
  const ht_concat *p = params_of(model, op, (uint32_t)(sizeof *p + op->input_count * sizeof(ht_concat_input)));
  const ht_tensor *y = ht_out(model, op);
  if (!p || p->axis > 3 || y->type != HT_INT8 || !is_int8(p->output_zero)) return 0;
  uint64_t along = 0;
  for (uint32_t input = 0; input < op->input_count; input++) {
    const ht_tensor *x = ht_in(model, op, input);
    const ht_concat_input *q = &p->inputs[input];
    if (x->type != HT_INT8 || !is_int8(q->zero) || (q->multiplier != 0 && !scale_is_sound(q->multiplier, q->shift))) return 0;
    for (uint32_t i = 0; i < 4; i++)
      if (i != p->axis && x->dims[i] != y->dims[i]) return 0;
    along += x->dims[p->axis];
  }
  return along == y->dims[p->axis];
}

static int check_pad(const ht_model *model, const ht_op *op) {
  const ht_pad *p = params_of(model, op, sizeof *p);
  if (!p || !types_are(model, op, 1, HT_INT8, HT_INT8) || !is_int8(p->value)) return 0;
  for (uint32_t i = 0; i < 4; i++)
    if ((uint64_t)p->before[i] + ht_in(model, op, 0)->dims[i] > ht_out(model, op)->dims[i]) return 0;
  return 1;
}

int ht_op_is_sound(const ht_model *model, const ht_op *op) {
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  int same_size = ht_elements(x) == ht_elements(y);
  switch ((ht_op_kind)op->kind) {
    case HT_CONV:
    case HT_DEPTHWISE:
      return check_conv(model, op);
    case HT_DENSE:
      return check_dense(model, op);
    case HT_ADD:
    case HT_MUL:
      return check_binary(model, op);
    case HT_MAX_POOL:
    case HT_AVERAGE_POOL:
      return check_pool(model, op);
    case HT_SOFTMAX:
      return check_softmax(model, op);
    case HT_TABLE:
      return same_size && types_are(model, op, 2, HT_INT8, HT_INT8) && is_constant(ht_in(model, op, 1), HT_INT8, 256);
    case HT_COPY:
      return same_size && types_are(model, op, 1, x->type, x->type);
    case HT_TRANSPOSE:
      return check_transpose(model, op);
    case HT_CONCAT:
      return check_concat(model, op);
    case HT_PAD:
      return check_pad(model, op);
    case HT_QUANTIZE:
      return same_size && types_are(model, op, 1, HT_FLOAT32, HT_INT8);
    case HT_DEQUANTIZE:
      return same_size && types_are(model, op, 1, HT_INT8, HT_FLOAT32);
  }
  return 0;
}
