/*
 * The inner loops, one set for each kind of core. Weights are packed as plan.h says: four rows, word by word, so the words of one row are
 * 16 bytes apart. k4 is the padded length of a row; groups = k4 / 4 words of a row.
 *
 * A block of CONV is ht_block_rows rows by ht_block_columns positions. Its columns (im2col) lie interleaved in scratch, 4 * k4 bytes:
 * DSP: two columns; for each four k: column 0 as halfwords (k0 k2)(k1 k3), then column 1 likewise: what SXTB16 makes of a word of weights, too.
 * Others: four columns; for each k one word: the four columns' bytes, each plus 128, column 0 lowest.
 */
#ifndef HT_BLOCKS_H
#define HT_BLOCKS_H
#include "word.h"

#if defined(__ARM_FEATURE_DSP)
enum { ht_block_columns = 2, ht_block_rows = 2, ht_column_offset = 0 };
#else
enum { ht_block_columns = 4, ht_block_rows = 1, ht_column_offset = 128 };
#endif

/*
 * acc[row * ht_block_columns + column] += sum over k; w is the first of the rows' words, columns the scratch. groups >= 1.
 * Sums are modulo 2^32. The columns' bytes carry ht_column_offset: the caller starts with bias - offset * sum of the weights.
 */
void ht_conv_block(const void *w, const void *columns, uint32_t groups, uint32_t *acc);

/* acc[r] += sum over k of row r's weights times x, for the four rows of a packed block; x is word-aligned. groups >= 1. */
void ht_dense_block(const void *w, const void *x, uint32_t groups, uint32_t acc[4]);

/* Where column `index` begins. */
static inline ht_word *ht_column(void *columns, uint32_t index) {
#if defined(__ARM_FEATURE_DSP)
  return (ht_word *)columns + 2u * index;
#else
  return (ht_word *)(void *)((uint8_t *)columns + index);
#endif
}

/* Puts four k of a column down; gives the place of the next four. */
static inline ht_word *ht_column_put(ht_word *at, uint32_t word) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t even, odd;
  __asm__("sxtb16 %0, %2\n\tsxtb16 %1, %2, ror #8" : "=&r"(even), "=r"(odd) : "r"(word));
  at[0] = even;
  at[1] = odd;
#else
  uint8_t *bytes = (uint8_t *)at;
  word ^= 0x80808080u;
  bytes[0] = (uint8_t)word;
  bytes[4] = (uint8_t)(word >> 8);
  bytes[8] = (uint8_t)(word >> 16);
  bytes[12] = (uint8_t)(word >> 24);
#endif
  return at + 4;
}
#endif
