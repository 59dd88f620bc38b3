/* Fully connected layers: four rows of weights at a time meet one row of inputs. */
#include "blocks.h"
#include "kernels.h"
#include "requantize.h"

static inline float float_of(int32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

void ht_run_dense(const ht_model *model, const ht_op *op) {
  const ht_dense *p = ht_params(model, op);
  const int8_t *x = ht_read(model, ht_in(model, op, 0));
  const int8_t *weights = ht_read(model, ht_in(model, op, 1));
  const ht_tensor *y = ht_out(model, op);
  int8_t *out = ht_write(model, y);
  float *out_float = ht_write(model, y);
  uint32_t k4 = ht_up4(p->inputs);
  for (uint32_t n = 0; n < p->rows; n++, x += p->inputs) {
    const void *row = x;
    if (p->rows > 1 && p->inputs % 4u != 0) { /* later rows are not aligned */
      row = model->arena + op->scratch_at;
      memcpy(model->arena + op->scratch_at, x, p->inputs);
    }
    const ht_channel *c = ht_read(model, ht_in(model, op, 2));
    const int8_t *w = weights;
    for (uint32_t o = 0; o < p->outputs; o += 4, w += 4u * k4) {
      uint32_t acc[4];
      uint32_t live = p->outputs - o < 4 ? p->outputs - o : 4;
      for (uint32_t r = 0; r < 4; r++) acc[r] = (uint32_t)c[r < live ? r : 0].bias;
      ht_dense_block(w, row, k4 / 4u, acc);
      for (uint32_t r = 0; r < live; r++, c++) {
        int32_t sum = (int32_t)acc[r];
        if (y->type == HT_FLOAT32)
          *out_float++ = (float)sum * float_of(c->multiplier);
        else
          *out++ = ht_requantize(sum, c->multiplier, (uint32_t)c->shift_sum & 0xffu, p->output_zero, p->min, p->max);
      }
    }
  }
}
