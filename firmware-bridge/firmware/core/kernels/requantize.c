#include "requantize.h"

int32_t ht_scale_far(int32_t value, int32_t multiplier, uint32_t shift) {
  ht_product p = ht_multiply(value, multiplier);
  int64_t whole = (int64_t)(((uint64_t)(uint32_t)p.high << 32) | p.low) + ((int64_t)1 << (shift - 1u));
  int64_t result = whole >> shift;
  if (((uint64_t)whole & (((uint64_t)1 << shift) - 1u)) == 0) result &= ~(int64_t)1;
  if (result > (1 << 30)) return 1 << 30;
  if (result < -(1 << 30)) return -(1 << 30);
  return (int32_t)result;
}

#if defined(__ARM_ARCH_6M__)
/* ht_multiply_halves, then half, shift and the even neighbour at a tie: about 45 cycles. r0 value, r1 multiplier, r2 n. */
__attribute__((naked)) int32_t ht_scale_near(int32_t value, int32_t multiplier, uint32_t n) {
  (void)value, (void)multiplier, (void)n;
  __asm__(
      ".syntax unified\n\t"
      "push {r4-r6, lr}\n\t"
      "uxth r3, r0\n\t"
      "asrs r0, r0, #16\n\t"
      "uxth r4, r1\n\t"
      "lsrs r1, r1, #16\n\t"
      "movs r5, r3\n\t"
      "muls r5, r4\n\t"         /* low = vl * ml */
      "muls r3, r1\n\t"         /* vl * mh */
      "muls r4, r0\n\t"         /* vh * ml */
      "muls r1, r0\n\t"         /* vh * mh */
      "lsrs r6, r5, #16\n\t"
      "adds r3, r3, r6\n\t"     /* middle */
      "uxth r6, r3\n\t"
      "adds r4, r4, r6\n\t"     /* cross */
      "lsrs r3, r3, #16\n\t"
      "adds r1, r1, r3\n\t"
      "asrs r3, r4, #16\n\t"
      "adds r1, r1, r3\n\t"     /* high */
      "movs r3, #1\n\t"
      "lsls r3, r2\n\t"
      "lsrs r3, r3, #1\n\t"
      "adds r1, r1, r3\n\t"     /* half added */
      "movs r0, r1\n\t"
      "asrs r0, r2\n\t"
      "orrs r4, r5\n\t"         /* the low word is (cross << 16) | (low & 0xffff): */
      "lsls r4, r4, #16\n\t"    /* 0 only where both lower halves are */
      "bne 1f\n\t"
      "movs r3, #32\n\t"
      "subs r3, r3, r2\n\t"
      "lsls r1, r3\n\t"
      "bne 1f\n\t"
      "movs r3, #1\n\t"
      "bics r0, r3\n\t"
      "1:\n\t"
      "pop {r4-r6, pc}\n\t");
}
#endif
