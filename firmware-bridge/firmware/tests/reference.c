#include "reference.h"
#include <math.h>
#include <string.h>

typedef struct {
  const ht_case *c;
  const ht_model *m;
  const ht_op *op;
  const ht_tensor *x, *y;
  const void *params;
  int8_t *out;
  int8_t *floats;
} job;

static long double power(int32_t multiplier, int32_t shift) { return ldexpl((long double)multiplier, -shift); }

static int8_t clamp(long double value, int32_t min, int32_t max) {
  if (value < min) value = min;
  if (value > max) value = max;
  return (int8_t)value;
}

static uint32_t index_of(const ht_tensor *t, uint32_t n, uint32_t h, uint32_t w, uint32_t c) {
  return ((n * t->dims[1] + h) * t->dims[2] + w) * t->dims[3] + c;
}

static const int8_t *bytes_of(const job *j, uint32_t input) {
  return ht_model_at(j->m, &j->m->tensors[j->op->inputs[input]]);
}

static void layer_output(const job *j, uint32_t at, uint32_t channel, long long sum, int32_t zero, int32_t min, int32_t max) {
  const ht_channel *c = &j->c->channels[channel];
  int32_t shift = c->shift_sum & 0xff;
  j->out[at] = clamp(rintl((long double)sum * power(c->multiplier, shift)) + zero, min, max);
  if (!j->floats) return;
  float scaled = (float)sum * (float)ldexp((double)c->multiplier, -shift);
  j->floats[at] = clamp((long double)rintf(scaled) + zero, min, max);
}

static void conv(const job *j) {
  const ht_conv *p = j->params;
  const int8_t *x = bytes_of(j, 0);
  uint32_t depth = j->x->dims[3] / p->groups, rows = j->y->dims[3] / p->groups;
  int depthwise = j->op->kind == HT_DEPTHWISE;
  for (uint32_t n = 0; n < j->y->dims[0]; n++)
    for (uint32_t oy = 0; oy < j->y->dims[1]; oy++)
      for (uint32_t ox = 0; ox < j->y->dims[2]; ox++)
        for (uint32_t o = 0; o < j->y->dims[3]; o++) {
          long long sum = j->c->bias[o];
          for (uint32_t ky = 0; ky < p->kernel_h; ky++)
            for (uint32_t kx = 0; kx < p->kernel_w; kx++) {
              long iy = (long)oy * p->stride_h - p->pad_top + (long)ky * p->dilation_h, ix = (long)ox * p->stride_w - p->pad_left + (long)kx * p->dilation_w;
              if (iy < 0 || ix < 0 || iy >= (long)j->x->dims[1] || ix >= (long)j->x->dims[2]) continue;
              for (uint32_t c = 0; c < depth; c++) {
                uint32_t w = depthwise ? (ky * p->kernel_w + kx) * j->y->dims[3] + o : ((o * p->kernel_h + ky) * p->kernel_w + kx) * depth + c;
                sum += j->c->weights[w] * (x[index_of(j->x, n, (uint32_t)iy, (uint32_t)ix, o / rows * depth + c)] - p->input_zero);
              }
            }
          layer_output(j, index_of(j->y, n, oy, ox, o), o, sum, p->output_zero, p->min, p->max);
        }
}

static void dense(const job *j) {
  const ht_dense *p = j->params;
  const int8_t *x = bytes_of(j, 0);
  for (uint32_t r = 0; r < p->rows; r++)
    for (uint32_t o = 0; o < p->outputs; o++) {
      long long sum = j->c->bias[o];
      for (uint32_t k = 0; k < p->inputs; k++) sum += j->c->weights[o * p->inputs + k] * (x[r * p->inputs + k] - j->x->zero_point);
      if (j->y->type == HT_FLOAT32) {
        float scale, value;
        memcpy(&scale, &j->c->channels[o].multiplier, 4);
        value = (float)sum * scale;
        memcpy(j->out + 4 * (r * p->outputs + o), &value, 4);
      } else {
        layer_output(j, r * p->outputs + o, o, sum, p->output_zero, p->min, p->max);
      }
    }
}

static void binary(const job *j) {
  const ht_binary *p = j->params;
  const int8_t *a = bytes_of(j, 0), *b = bytes_of(j, 1);
  const ht_tensor *ta = j->x, *tb = &j->m->tensors[j->op->inputs[1]];
  for (uint32_t i = 0; i < j->y->bytes; i++) {
    uint32_t rest = i, at[4], ia = 0, ib = 0;
    for (uint32_t k = 4; k-- > 0; rest /= j->y->dims[k]) at[k] = rest % j->y->dims[k];
    for (uint32_t k = 0; k < 4; k++) {
      ia = ia * ta->dims[k] + at[k] % ta->dims[k];
      ib = ib * tb->dims[k] + at[k] % tb->dims[k];
    }
    long double va = a[ia] - p->a_zero, vb = b[ib] - p->b_zero;
    long double real = j->op->kind == HT_ADD ? va * power(p->a_multiplier, p->shift) + vb * power(p->b_multiplier, p->shift)
                                             : va * vb * power(p->a_multiplier, p->shift);
    j->out[i] = clamp(rintl(real) + p->output_zero, p->min, p->max);
  }
}

static void pool(const job *j) {
  const ht_pool *p = j->params;
  const int8_t *x = bytes_of(j, 0);
  const ht_scale *scales = (const ht_scale *)(const void *)(j->m->data + p->scales_at);
  for (uint32_t n = 0; n < j->y->dims[0]; n++)
    for (uint32_t oy = 0; oy < j->y->dims[1]; oy++)
      for (uint32_t ox = 0; ox < j->y->dims[2]; ox++)
        for (uint32_t c = 0; c < j->y->dims[3]; c++) {
          int best = -128, sum = 0;
          uint32_t taps = 0;
          for (long ky = 0; ky < p->kernel_h; ky++)
            for (long kx = 0; kx < p->kernel_w; kx++) {
              long iy = (long)oy * p->stride_h - p->pad_top + ky, ix = (long)ox * p->stride_w - p->pad_left + kx;
              if (iy < 0 || ix < 0 || iy >= (long)j->x->dims[1] || ix >= (long)j->x->dims[2]) continue;
              int value = x[index_of(j->x, n, (uint32_t)iy, (uint32_t)ix, c)];
              best = value > best ? value : best;
              sum += value - p->input_zero;
              taps++;
            }
          long double result = best;
          if (j->op->kind == HT_AVERAGE_POOL) {
            const ht_scale *s = &scales[p->scale_count == 1 ? 0 : taps - 1];
            result = rintl((long double)sum * power(s->multiplier, s->shift)) + p->output_zero;
          }
          j->out[index_of(j->y, n, oy, ox, c)] = clamp(result, p->min, p->max);
        }
}

static void softmax(const job *j) {
  const ht_softmax *p = j->params;
  const int8_t *x = bytes_of(j, 0);
  const uint32_t *table = (const uint32_t *)(const void *)bytes_of(j, 1);
  uint32_t length = j->y->dims[3];
  for (uint32_t row = 0; row < j->y->bytes; row += length) {
    int best = -128;
    long double sum = 0;
    for (uint32_t i = 0; i < length; i++) best = x[row + i] > best ? x[row + i] : best;
    for (uint32_t i = 0; i < length; i++) sum += table[best - x[row + i]];
    for (uint32_t i = 0; i < length; i++) {
      long double share = rintl(table[best - x[row + i]] * (long double)p->inverse_scale / sum);
      j->out[row + i] = clamp((share > 255 ? 255 : share) + p->output_zero, -128, 127);
    }
  }
}

static void transpose(const job *j) {
  const ht_transpose *p = j->params;
  const uint8_t *x = (const uint8_t *)bytes_of(j, 0);
  uint32_t width = j->x->type == HT_INT8 ? 1 : 4;
  for (uint32_t i = 0; i < j->x->bytes / width; i++) {
    uint32_t rest = i, from[4], to[4];
    for (uint32_t k = 4; k-- > 0; rest /= j->x->dims[k]) from[k] = rest % j->x->dims[k];
    for (uint32_t k = 0; k < 4; k++) to[k] = from[p->perm[k]];
    memcpy(j->out + width * index_of(j->y, to[0], to[1], to[2], to[3]), x + width * i, width);
  }
}

static void concat(const job *j) {
  const ht_concat *p = j->params;
  uint32_t before = 0;
  for (uint32_t input = 0; input < j->op->input_count; input++) {
    const ht_tensor *t = &j->m->tensors[j->op->inputs[input]];
    const int8_t *x = bytes_of(j, input);
    const ht_concat_input *q = &p->inputs[input];
    for (uint32_t i = 0; i < t->bytes; i++) {
      uint32_t rest = i, at[4];
      for (uint32_t k = 4; k-- > 0; rest /= t->dims[k]) at[k] = rest % t->dims[k];
      at[p->axis] += before;
      int8_t value = x[i];
      if (q->multiplier) value = clamp(rintl((x[i] - q->zero) * power(q->multiplier, q->shift)) + p->output_zero, -128, 127);
      j->out[index_of(j->y, at[0], at[1], at[2], at[3])] = value;
    }
    before += t->dims[p->axis];
  }
}

static void pad(const job *j) {
  const ht_pad *p = j->params;
  const int8_t *x = bytes_of(j, 0);
  memset(j->out, p->value, j->y->bytes);
  for (uint32_t i = 0; i < j->x->bytes; i++) {
    uint32_t rest = i, at[4];
    for (uint32_t k = 4; k-- > 0; rest /= j->x->dims[k]) at[k] = rest % j->x->dims[k] + p->before[k];
    j->out[index_of(j->y, at[0], at[1], at[2], at[3])] = x[i];
  }
}

static void border(const job *j) {
  const int8_t *x = bytes_of(j, 0);
  for (uint32_t i = 0; i < j->x->dims[0] * j->x->dims[1] * j->x->dims[2] * j->x->dims[3]; i++) {
    float value;
    if (j->op->kind == HT_QUANTIZE) {
      memcpy(&value, x + 4 * i, 4);
      j->out[i] = clamp(rintf(value / j->y->scale) + (float)j->y->zero_point, -128, 127);
    } else {
      value = (float)(x[i] - j->x->zero_point) * j->x->scale;
      memcpy(j->out + 4 * i, &value, 4);
    }
  }
}

void ht_reference(const ht_case *c, const ht_model *model, uint8_t *out, int8_t *floats) {
  const ht_op *op = &model->ops[0];
  job j = {c, model, op, &model->tensors[op->inputs[0]], &model->tensors[op->output], (const uint8_t *)model->plan + op->params_at, (int8_t *)out, floats};
  switch ((ht_op_kind)op->kind) {
    case HT_CONV:
    case HT_DEPTHWISE: conv(&j); break;
    case HT_DENSE: dense(&j); break;
    case HT_ADD:
    case HT_MUL: binary(&j); break;
    case HT_MAX_POOL:
    case HT_AVERAGE_POOL: pool(&j); break;
    case HT_SOFTMAX: softmax(&j); break;
    case HT_TABLE:
      for (uint32_t i = 0; i < j.y->bytes; i++) j.out[i] = c->weights[(uint8_t)bytes_of(&j, 0)[i]];
      break;
    case HT_COPY: memcpy(out, bytes_of(&j, 0), j.y->bytes); break;
    case HT_TRANSPOSE: transpose(&j); break;
    case HT_CONCAT: concat(&j); break;
    case HT_PAD: pad(&j); break;
    case HT_QUANTIZE:
    case HT_DEQUANTIZE: border(&j); break;
  }
}
