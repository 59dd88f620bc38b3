/*
 * Inner loops for Cortex-M4, M7 and others with the DSP extension: SMLAD does two products and two sums in one instruction. Written in assembler because all
 * fourteen registers are in use, which a compiler does not find. Cycles on an M4: 23 for the 16 products of CONV, 25 for those of DENSE.
 */
#include "blocks.h"

#if defined(__ARM_FEATURE_DSP)

/* Two rows by two columns: r4 r5 (row 0), r6 r7 (row 1); r8 r9 words of weights; r3 r10 column 0, r11 r12 column 1. */
#define CONV_STEP                   \
  "ldrd r8, r9, [r0], #16\n\t"      \
  "ldm r1!, {r3, r10, r11, r12}\n\t" \
  "sxtb16 lr, r8\n\t"               \
  "sxtb16 r8, r8, ror #8\n\t"       \
  "smlad r4, lr, r3, r4\n\t"        \
  "smlad r5, lr, r11, r5\n\t"       \
  "sxtb16 lr, r9\n\t"               \
  "sxtb16 r9, r9, ror #8\n\t"       \
  "smlad r4, r8, r10, r4\n\t"       \
  "smlad r5, r8, r12, r5\n\t"       \
  "smlad r6, lr, r3, r6\n\t"        \
  "smlad r7, lr, r11, r7\n\t"       \
  "smlad r6, r9, r10, r6\n\t"       \
  "smlad r7, r9, r12, r7\n\t"

/* Remainders of four steps first, so that the loop tests once in four. r2 becomes the end of the columns. */
__attribute__((naked)) void ht_conv_block(const void *w, const void *columns, uint32_t groups, uint32_t *acc) {
  (void)w, (void)columns, (void)groups, (void)acc;
  __asm__(
      "push {r3-r11, lr}\n\t"
      "ldm r3, {r4-r7}\n\t"
      "tst r2, #1\n\t"
      "add r2, r1, r2, lsl #4\n\t"
      "beq 1f\n\t" CONV_STEP
      "1:\n\t"
      "sub r3, r2, r1\n\t"
      "tst r3, #32\n\t"
      "beq 3f\n\t" CONV_STEP CONV_STEP
      "3:\n\t"
      "cmp r1, r2\n\t"
      "beq 5f\n\t"
      "4:\n\t" CONV_STEP CONV_STEP CONV_STEP CONV_STEP
      "cmp r1, r2\n\t"
      "bne 4b\n\t"
      "5:\n\t"
      "pop {r3}\n\t"
      "stm r3, {r4-r7}\n\t"
      "pop {r4-r11, pc}\n\t");
}

/* Four rows by one column: sums r4-r7, weights r8-r11, input r3 and r12. */
#define DENSE_STEP              \
  "ldr r12, [r1], #4\n\t"       \
  "ldm r0!, {r8-r11}\n\t"       \
  "sxtb16 r3, r12\n\t"          \
  "sxtb16 r12, r12, ror #8\n\t" \
  "sxtb16 lr, r8\n\t"           \
  "sxtb16 r8, r8, ror #8\n\t"   \
  "smlad r4, lr, r3, r4\n\t"    \
  "sxtb16 lr, r9\n\t"           \
  "smlad r4, r8, r12, r4\n\t"   \
  "sxtb16 r9, r9, ror #8\n\t"   \
  "smlad r5, lr, r3, r5\n\t"    \
  "sxtb16 lr, r10\n\t"          \
  "smlad r5, r9, r12, r5\n\t"   \
  "sxtb16 r10, r10, ror #8\n\t" \
  "smlad r6, lr, r3, r6\n\t"    \
  "sxtb16 lr, r11\n\t"          \
  "smlad r6, r10, r12, r6\n\t"  \
  "sxtb16 r11, r11, ror #8\n\t" \
  "smlad r7, lr, r3, r7\n\t"    \
  "smlad r7, r11, r12, r7\n\t"

__attribute__((naked)) void ht_dense_block(const void *w, const void *x, uint32_t groups, uint32_t acc[4]) {
  (void)w, (void)x, (void)groups, (void)acc;
  __asm__(
      "push {r3-r11, lr}\n\t"
      "ldm r3, {r4-r7}\n\t"
      "tst r2, #1\n\t"
      "add r2, r1, r2, lsl #2\n\t"
      "beq 1f\n\t" DENSE_STEP
      "1:\n\t"
      "sub r3, r2, r1\n\t"
      "tst r3, #8\n\t"
      "beq 3f\n\t" DENSE_STEP DENSE_STEP
      "3:\n\t"
      "cmp r1, r2\n\t"
      "beq 5f\n\t"
      "4:\n\t" DENSE_STEP DENSE_STEP DENSE_STEP DENSE_STEP
      "cmp r1, r2\n\t"
      "bne 4b\n\t"
      "5:\n\t"
      "pop {r3}\n\t"
      "stm r3, {r4-r7}\n\t"
      "pop {r4-r11, pc}\n\t");
}
#endif
