/* Add, Mul and tables. May work in place. */
#include "kernels.h"
#include "requantize.h"

/*
 * One element of Add: two products of 9 by 32 bits, exact in 41 bits, held as a high part and the low 16 bits so that no core needs 64-bit arithmetic; one
 * shift, one rounding.
 */
static inline int8_t add_one(const ht_binary *p, int32_t a, int32_t b) {
  a -= p->a_zero;
  b -= p->b_zero;
  int32_t low = a * (p->a_multiplier & 0xffff) + b * (p->b_multiplier & 0xffff);                   /* below 2^26 */
  int32_t high = a * (p->a_multiplier >> 16) + b * (p->b_multiplier >> 16) + (low >> 16);          /* below 2^25 */
  uint32_t n = (uint32_t)p->shift - 16u;                                                           /* 1..30 */
  high += 1 << (n - 1u);
  int32_t result = high >> n;
  if ((((uint32_t)high << (32u - n)) | ((uint32_t)low & 0xffffu)) == 0) result &= ~1; /* a tie: back to the even neighbour */
  return (int8_t)ht_clamp(result + p->output_zero, p->min, p->max);
}

static inline int8_t mul_one(const ht_binary *p, int32_t a, int32_t b) {
  return ht_requantize((a - p->a_zero) * (b - p->b_zero), p->a_multiplier, (uint32_t)p->shift, p->output_zero, p->min, p->max);
}

/* Steps of an input through the output's four dims: 0 where it is broadcast. */
static void steps_of(const ht_tensor *input, uint32_t steps[4]) {
  uint32_t step = 1;
  for (uint32_t i = 4; i-- > 0;) {
    steps[i] = input->dims[i] == 1 ? 0 : step;
    step *= input->dims[i];
  }
}

static inline __attribute__((always_inline)) void binary(const ht_model *model, const ht_op *op, int8_t (*one)(const ht_binary *, int32_t, int32_t)) {
  const ht_binary p = *(const ht_binary *)ht_params(model, op); /* a copy: the output could lie over the original, for all the compiler knows */
  const ht_tensor *at = ht_in(model, op, 0), *bt = ht_in(model, op, 1), *y = ht_out(model, op);
  const int8_t *a = ht_read(model, at), *b = ht_read(model, bt);
  int8_t *out = ht_write(model, y);
  uint32_t elements = ht_elements(y);
  if (ht_elements(at) == elements && ht_elements(bt) == elements) {
    for (uint32_t i = 0; i < elements; i++) out[i] = one(&p, a[i], b[i]);
    return;
  }
  uint32_t sa[4], sb[4];
  steps_of(at, sa);
  steps_of(bt, sb);
  for (uint32_t n = 0; n < y->dims[0]; n++)
    for (uint32_t h = 0; h < y->dims[1]; h++)
      for (uint32_t w = 0; w < y->dims[2]; w++) {
        const int8_t *ra = a + n * sa[0] + h * sa[1] + w * sa[2];
        const int8_t *rb = b + n * sb[0] + h * sb[1] + w * sb[2];
        for (uint32_t c = y->dims[3]; c > 0; c--, ra += sa[3], rb += sb[3]) *out++ = one(&p, *ra, *rb);
      }
}

void ht_run_add(const ht_model *model, const ht_op *op) { binary(model, op, add_one); }
void ht_run_mul(const ht_model *model, const ht_op *op) { binary(model, op, mul_one); }

void ht_run_table(const ht_model *model, const ht_op *op) {
  const ht_tensor *y = ht_out(model, op);
  const uint8_t *x = ht_read(model, ht_in(model, op, 0));
  const uint8_t *table = ht_read(model, ht_in(model, op, 1));
  uint8_t *out = ht_write(model, y);
  for (uint32_t i = ht_elements(y); i > 0; i--) *out++ = table[*x++];
}
