/* Operators that move bytes: copy, transpose, concatenation, padding. */
#include "kernels.h"
#include "requantize.h"

void ht_run_copy(const ht_model *model, const ht_op *op) {
  const ht_tensor *y = ht_out(model, op);
  const void *from = ht_read(model, ht_in(model, op, 0));
  void *to = ht_write(model, y);
  if (from != to) memcpy(to, from, y->bytes);
}

void ht_run_transpose(const ht_model *model, const ht_op *op) {
  const ht_transpose *p = ht_params(model, op);
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  uint32_t strides[4], step[4], stride = 1;
  for (uint32_t i = 4; i-- > 0; stride *= x->dims[i]) strides[i] = stride;
  for (uint32_t i = 0; i < 4; i++) step[i] = strides[p->perm[i]];
  uint32_t width = y->bytes / ht_elements(y); /* 1 or 4 bytes an element */
  const int8_t *from = ht_read(model, x);
  int8_t *out = ht_write(model, y);
  for (uint32_t a = 0; a < y->dims[0]; a++)
    for (uint32_t b = 0; b < y->dims[1]; b++)
      for (uint32_t c = 0; c < y->dims[2]; c++) {
        uint32_t at = a * step[0] + b * step[1] + c * step[2];
        for (uint32_t d = 0; d < y->dims[3]; d++, at += step[3], out += width) {
          if (width == 1)
            *out = from[at];
          else
            *(ht_word *)(void *)out = ((const ht_word *)(const void *)from)[at];
        }
      }
}

void ht_run_concat(const ht_model *model, const ht_op *op) {
  const ht_concat *p = ht_params(model, op);
  const ht_tensor *y = ht_out(model, op);
  uint32_t before = 1, behind = 1;
  for (uint32_t i = 0; i < p->axis; i++) before *= y->dims[i];
  for (uint32_t i = p->axis + 1; i < 4; i++) behind *= y->dims[i];
  uint32_t line = y->dims[p->axis] * behind;
  int8_t *to = ht_write(model, y);
  for (uint32_t input = 0; input < op->input_count; input++) {
    const ht_tensor *x = ht_in(model, op, input);
    const ht_concat_input *q = &p->inputs[input];
    const int8_t *from = ht_read(model, x);
    uint32_t length = x->dims[p->axis] * behind;
    for (uint32_t i = 0; i < before; i++, from += length) {
      int8_t *out = to + i * line;
      if (q->multiplier == 0) {
        memcpy(out, from, length);
        continue;
      }
      for (uint32_t k = 0; k < length; k++)
        out[k] = ht_requantize(from[k] - q->zero, q->multiplier, (uint32_t)q->shift, p->output_zero, -128, 127);
    }
    to += length;
  }
}

void ht_run_pad(const ht_model *model, const ht_op *op) {
  const ht_pad *p = ht_params(model, op);
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  const int8_t *from = ht_read(model, x);
  int8_t *out = ht_write(model, y);
  memset(out, p->value, y->bytes);
  const uint32_t *to = y->dims;
  for (uint32_t n = 0; n < x->dims[0]; n++)
    for (uint32_t h = 0; h < x->dims[1]; h++)
      for (uint32_t w = 0; w < x->dims[2]; w++, from += x->dims[3]) {
        uint32_t at = (((n + p->before[0]) * to[1] + h + p->before[1]) * to[2] + w + p->before[2]) * to[3] + p->before[3];
        memcpy(out + at, from, x->dims[3]);
      }
}
