/* Between float32 and int8, at a plan's borders. IEEE single precision, by hardware or libgcc: the same everywhere. */
#include "kernels.h"
#include "word.h"

/* Nearest integer, ties to even, of |value| <= 2^22: adding and taking off 1.5 * 2^23 leaves no room for a fraction. */
static inline int32_t round_even(float value) {
  volatile float shifted = value + 12582912.0f; /* volatile: no wider intermediate, no algebra */
  return (int32_t)(shifted - 12582912.0f);
}

void ht_run_quantize(const ht_model *model, const ht_op *op) {
  const ht_tensor *y = ht_out(model, op);
  const float *x = ht_read(model, ht_in(model, op, 0));
  int8_t *out = ht_write(model, y);
  for (uint32_t i = ht_elements(y); i > 0; i--) {
    float value = *x++ / y->scale;
    if (!(value > -1024.0f)) value = -1024.0f; /* NaN, too */
    if (value > 1024.0f) value = 1024.0f;
    *out++ = (int8_t)ht_clamp(round_even(value) + y->zero_point, -128, 127);
  }
}

void ht_run_dequantize(const ht_model *model, const ht_op *op) {
  const ht_tensor *x = ht_in(model, op, 0);
  const int8_t *from = ht_read(model, x);
  float *out = ht_write(model, ht_out(model, op));
  for (uint32_t i = ht_elements(x); i > 0; i--) *out++ = (float)(*from++ - x->zero_point) * x->scale;
}
