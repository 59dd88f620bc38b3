/*
 * Inner loops for ARMv6-M (Cortex-M0, M0+): MULS gives 32 bits in one cycle, there is no multiply-add, a load takes two cycles, and only r0-r7 take part in
 * most instructions; the sums live in r8-r11.
 */
#include "blocks.h"

#if defined(__ARM_ARCH_6M__)

/*
 * One k of CONV: r5 the weight, x a word of four columns. Bytes are not taken apart: the sums of weight * (x >> 24), (x >> 16), (x >> 8) and x are kept, modulo 2^32;
 * each is 256 times the one before plus the sum of a single column, so that column is the difference (at the end, in ht_conv_block).
 */
#define CONV_K(x)              \
  "lsrs r6, " x ", #24\n\t"    \
  "muls r6, r5\n\t"            \
  "add r11, r6\n\t"            \
  "lsrs r6, " x ", #16\n\t"    \
  "muls r6, r5\n\t"            \
  "add r10, r6\n\t"            \
  "lsrs r6, " x ", #8\n\t"     \
  "muls r6, r5\n\t"            \
  "add r9, r6\n\t"             \
  "muls " x ", r5\n\t"         \
  "add r8, " x "\n\t"

/* 62 cycles for 16 products. r0 weights, r1 columns, r2 four weights, r3 r4 two words of columns, r12 the end of the columns. */
__attribute__((naked)) static void four_columns(const void *w, const void *columns, uint32_t groups, uint32_t sums[4]) {
  (void)w, (void)columns, (void)groups, (void)sums;
  __asm__(
      ".syntax unified\n\t"
      "push {r4-r7, lr}\n\t"
      "mov r4, r8\n\t"
      "mov r5, r9\n\t"
      "mov r6, r10\n\t"
      "mov r7, r11\n\t"
      "push {r3-r7}\n\t"
      "movs r4, #0\n\t"
      "mov r8, r4\n\t"
      "mov r9, r4\n\t"
      "mov r10, r4\n\t"
      "mov r11, r4\n\t"
      "lsls r2, r2, #4\n\t"
      "adds r2, r2, r1\n\t"
      "mov r12, r2\n\t"
      "1:\n\t"
      "ldr r2, [r0]\n\t"
      "adds r0, #16\n\t"
      "ldm r1!, {r3, r4}\n\t"
      "sxtb r5, r2\n\t" CONV_K("r3")
      "lsls r5, r2, #16\n\t"
      "asrs r5, r5, #24\n\t" CONV_K("r4")
      "ldm r1!, {r3, r4}\n\t"
      "lsls r5, r2, #8\n\t"
      "asrs r5, r5, #24\n\t" CONV_K("r3")
      "asrs r5, r2, #24\n\t" CONV_K("r4")
      "cmp r1, r12\n\t"
      "bne 1b\n\t"
      "pop {r3}\n\t"
      "mov r4, r8\n\t"
      "mov r5, r9\n\t"
      "mov r6, r10\n\t"
      "mov r7, r11\n\t"
      "stm r3!, {r4-r7}\n\t"
      "pop {r4-r7}\n\t"
      "mov r8, r4\n\t"
      "mov r9, r5\n\t"
      "mov r10, r6\n\t"
      "mov r11, r7\n\t"
      "pop {r4-r7, pc}\n\t");
}

void ht_conv_block(const void *w, const void *columns, uint32_t groups, uint32_t *acc) {
  uint32_t sums[4];
  four_columns(w, columns, groups, sums);
  acc[3] += sums[3];
  acc[2] += sums[2] - (sums[3] << 8);
  acc[1] += sums[1] - (sums[2] << 8);
  acc[0] += sums[0] - (sums[1] << 8);
}

/* Four k of one row of DENSE; r2-r5 are the inputs, r0 the weights. */
#define DENSE_ROW(sum)      \
  "ldm r0!, {r6}\n\t"       \
  "sxtb r7, r6\n\t"         \
  "muls r7, r2\n\t"         \
  "add " sum ", r7\n\t"     \
  "lsls r7, r6, #16\n\t"    \
  "asrs r7, r7, #24\n\t"    \
  "muls r7, r3\n\t"         \
  "add " sum ", r7\n\t"     \
  "lsls r7, r6, #8\n\t"     \
  "asrs r7, r7, #24\n\t"    \
  "muls r7, r4\n\t"         \
  "add " sum ", r7\n\t"     \
  "asrs r6, r6, #24\n\t"    \
  "muls r6, r5\n\t"         \
  "add " sum ", r6\n\t"

/* 75 cycles for 16 products. */
__attribute__((naked)) void ht_dense_block(const void *w, const void *x, uint32_t groups, uint32_t acc[4]) {
  (void)w, (void)x, (void)groups, (void)acc;
  __asm__(
      ".syntax unified\n\t"
      "push {r4-r7, lr}\n\t"
      "mov r4, r8\n\t"
      "mov r5, r9\n\t"
      "mov r6, r10\n\t"
      "mov r7, r11\n\t"
      "push {r3-r7}\n\t"
      "ldm r3!, {r4-r7}\n\t"
      "mov r8, r4\n\t"
      "mov r9, r5\n\t"
      "mov r10, r6\n\t"
      "mov r11, r7\n\t"
      "lsls r2, r2, #2\n\t"
      "adds r2, r2, r1\n\t"
      "mov r12, r2\n\t"
      "1:\n\t"
      "ldm r1!, {r5}\n\t"
      "sxtb r2, r5\n\t"
      "lsls r3, r5, #16\n\t"
      "asrs r3, r3, #24\n\t"
      "lsls r4, r5, #8\n\t"
      "asrs r4, r4, #24\n\t"
      "asrs r5, r5, #24\n\t" DENSE_ROW("r8") DENSE_ROW("r9") DENSE_ROW("r10") DENSE_ROW("r11")
      "cmp r1, r12\n\t"
      "bne 1b\n\t"
      "pop {r3}\n\t"
      "mov r4, r8\n\t"
      "mov r5, r9\n\t"
      "mov r6, r10\n\t"
      "mov r7, r11\n\t"
      "stm r3!, {r4-r7}\n\t"
      "pop {r4-r7}\n\t"
      "mov r8, r4\n\t"
      "mov r9, r5\n\t"
      "mov r10, r6\n\t"
      "mov r11, r7\n\t"
      "pop {r4-r7, pc}\n\t");
}
#endif
