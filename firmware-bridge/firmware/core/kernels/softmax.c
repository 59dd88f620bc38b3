/* Softmax over the last axis, by the exponentials the plan brings: integers only, so every board gives the same. */
#include "kernels.h"
#include "word.h"

/* value / by, nearest, ties to even. by > 0, value < 2^32. */
static inline uint32_t divide(uint32_t value, uint32_t by) {
  uint32_t result = value / by;
  uint32_t rest = value - result * by;
  uint32_t other = by - rest;
  if (rest > other || (rest == other && (result & 1u))) result++;
  return result;
}

void ht_run_softmax(const ht_model *model, const ht_op *op) {
  const ht_softmax *p = ht_params(model, op);
  const ht_tensor *y = ht_out(model, op);
  const int8_t *x = ht_read(model, ht_in(model, op, 0));
  const uint32_t *table = ht_read(model, ht_in(model, op, 1));
  int8_t *out = ht_write(model, y);
  uint32_t length = y->dims[3];
  for (uint32_t row = y->dims[0] * y->dims[1] * y->dims[2]; row > 0; row--, x += length, out += length) {
    int32_t max = x[0];
    for (uint32_t i = 1; i < length; i++)
      if (x[i] > max) max = x[i];
    uint32_t total = 0;
    for (uint32_t i = 0; i < length; i++) total += table[max - x[i]];
    if (total == 0) total = 1; /* no such table comes from the compiler */
    for (uint32_t i = 0; i < length; i++) {
      uint32_t share = divide(table[max - x[i]] * p->inverse_scale, total);
      if (share > 255u) share = 255u;
      out[i] = (int8_t)ht_clamp((int32_t)share + p->output_zero, -128, 127);
    }
  }
}
