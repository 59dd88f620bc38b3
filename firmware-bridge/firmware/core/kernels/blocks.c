/* Inner loops in plain C, for the host build (the reference) and cores without an own file. */
#include "blocks.h"

#if !defined(__ARM_FEATURE_DSP) && !defined(__ARM_ARCH_6M__)

/*
 * The columns' bytes are not taken apart: the sums of weight * (x >> 24), (x >> 16), (x >> 8) and x are kept, modulo 2^32; each is 256 times the one before
 * plus the sum of a single column, so that column is the difference at the end.
 */
void ht_conv_block(const void *w, const void *columns, uint32_t groups, uint32_t *acc) {
  const int8_t *row = w;
  const ht_word *x = columns;
  uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (uint32_t g = 0; g < groups; g++, row += 16, x += 4)
    for (uint32_t k = 0; k < 4; k++) {
      uint32_t weight = (uint32_t)row[k], word = x[k];
      s0 += weight * word;
      s1 += weight * (word >> 8);
      s2 += weight * (word >> 16);
      s3 += weight * (word >> 24);
    }
  acc[3] += s3;
  acc[2] += s2 - (s3 << 8);
  acc[1] += s1 - (s2 << 8);
  acc[0] += s0 - (s1 << 8);
}

void ht_dense_block(const void *w, const void *x, uint32_t groups, uint32_t acc[4]) {
  const int8_t *rows = w;
  const int8_t *input = x;
  uint32_t sums[4] = {acc[0], acc[1], acc[2], acc[3]};
  for (uint32_t g = 0; g < groups; g++, rows += 16, input += 4)
    for (uint32_t r = 0; r < 4; r++)
      for (uint32_t k = 0; k < 4; k++) sums[r] += (uint32_t)(rows[4 * r + k] * input[k]);
  for (uint32_t r = 0; r < 4; r++) acc[r] = sums[r];
}
#endif
