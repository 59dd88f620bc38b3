/*
 * Softmax over the last axis. Of int8 by the exponentials the plan brings, integers only. Of float32 by sums, products and quotients of
 * float32 alone, which IEEE 754 leaves no choice in. So every board gives the same.
 */
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

/*
 * e^x for x <= 0: 2^n e^r with |r| <= ln 2 / 2, and the Taylor series of e^r, whose next term is below 2^-27. ln 2 is split so that its larger part
 * times n is exact. Below -87, where float32 ends, and for what is no number: 0.
 */
static float exponential(float x) {
  if (!(x > -87.0f)) return 0.0f;
  int32_t n = (int32_t)(x * 1.44269504f - 0.5f);
  float r = (x - (float)n * 0.693145751953125f) - (float)n * 1.42860682e-6f;
  static const float factors[7] = {1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f};
  float sum = factors[0];
  for (uint32_t i = 1; i < 7; i++) sum = sum * r + factors[i];
  sum = sum * r + 1.0f;
  uint32_t bits = (uint32_t)(n + 127) << 23;
  float power;
  __builtin_memcpy(&power, &bits, sizeof power);
  return sum * power;
}

static void run_float(const ht_tensor *y, const float *x, float *out) {
  uint32_t length = y->dims[3];
  for (uint32_t row = y->dims[0] * y->dims[1] * y->dims[2]; row > 0; row--, x += length, out += length) {
    float max = x[0], total = 0.0f;
    for (uint32_t i = 1; i < length; i++)
      if (x[i] > max) max = x[i];
    for (uint32_t i = 0; i < length; i++) {
      out[i] = exponential(x[i] - max);
      total += out[i];
    }
    if (!(total > 0.0f)) total = 1.0f; /* no number among them */
    for (uint32_t i = 0; i < length; i++) out[i] = out[i] / total;
  }
}

void ht_run_softmax(const ht_model *model, const ht_op *op) {
  if (op->input_count == 1) {
    run_float(ht_out(model, op), ht_read(model, ht_in(model, op, 0)), ht_write(model, ht_out(model, op)));
    return;
  }
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
