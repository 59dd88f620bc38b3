/*
 * From a 32-bit sum to an int8: round(value * multiplier / 2^shift), ties to even, with one exact 64-bit product. This is what ONNX says
 * (scale, then round half to even); ONNX Runtime does the product in float32 and so differs by one in a few outputs of a million.
 */
#ifndef HT_REQUANTIZE_H
#define HT_REQUANTIZE_H
#include "word.h"

/* value * multiplier as (high, low); multiplier >= 0. */
typedef struct {
  int32_t high;
  uint32_t low;
} ht_product;

/* For cores that multiply 32 x 32 -> 32 only: four products, where the compiler's own routine takes more and a call. */
static inline ht_product ht_multiply_halves(int32_t value, int32_t multiplier) {
  int32_t vh = value >> 16;
  uint32_t vl = (uint32_t)value & 0xffffu;
  int32_t mh = multiplier >> 16;
  uint32_t ml = (uint32_t)multiplier & 0xffffu;
  uint32_t low = vl * ml;
  uint32_t middle = (low >> 16) + vl * (uint32_t)mh;            /* < 2^31 + 2^16 */
  int32_t cross = vh * (int32_t)ml + (int32_t)(middle & 0xffffu); /* |vh * ml| <= 2^31 - 2^15 - .., so this fits */
  return (ht_product){vh * mh + (int32_t)(middle >> 16) + (cross >> 16), ((uint32_t)cross << 16) | (low & 0xffffu)};
}

static inline ht_product ht_multiply(int32_t value, int32_t multiplier) {
#if defined(__ARM_ARCH_6M__)
  return ht_multiply_halves(value, multiplier);
#else
  int64_t product = (int64_t)value * multiplier;
  return (ht_product){(int32_t)(product >> 32), (uint32_t)product};
#endif
}

/* The same for scales of 1/2 and more, out of line: shift 1..32. The result is held to +-2^30, which leaves room for a zero point before the clamp. */
int32_t ht_scale_far(int32_t value, int32_t multiplier, uint32_t shift);

/*
 * Scales below 1/2, the usual case: shift 33..62, n = shift - 32. Half is added, then the shift floors: at a tie (nothing left behind the shift) the odd neighbour above goes
 * back to the even one.
 */
#if defined(__ARM_ARCH_6M__)
int32_t ht_scale_near(int32_t value, int32_t multiplier, uint32_t n); /* requantize.c: in registers, which the compiler runs out of */
#else
static inline int32_t ht_scale_near(int32_t value, int32_t multiplier, uint32_t n) {
  ht_product p = ht_multiply(value, multiplier);
  int32_t high = p.high + (1 << (n - 1u)); /* |p.high| <= 2^30 */
  int32_t result = high >> n;
  if (__builtin_expect(p.low == 0, 0) && (uint32_t)high << (32u - n) == 0) result &= ~1;
  return result;
}
#endif

static inline int32_t ht_scale_down(int32_t value, int32_t multiplier, uint32_t shift) {
  if (__builtin_expect(shift > 32u, 1)) return ht_scale_near(value, multiplier, shift - 32u);
  return ht_scale_far(value, multiplier, shift);
}

static inline int8_t ht_requantize(int32_t value, int32_t multiplier, uint32_t shift, int32_t zero, int32_t min, int32_t max) {
  return (int8_t)ht_clamp(ht_scale_down(value, multiplier, shift) + zero, min, max);
}
#endif
