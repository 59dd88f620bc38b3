/* Bytes and words, without libc: the compiler turns these into plain loads and stores. */
#ifndef HT_WORD_H
#define HT_WORD_H
#include <stddef.h>
#include <stdint.h>

/* The board gives these two (boards/common), the host its libc; the compiler may call them by itself, too. */
void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memset(void *to, int value, size_t length);

/* A word that may alias int8 activations and weights. */
typedef uint32_t __attribute__((may_alias)) ht_word;

static inline uint32_t ht_up4(uint32_t n) { return (n + 3u) & ~3u; }

/* Four bytes from any address: one load where the core allows it, four on ARMv6-M. */
static inline uint32_t ht_load_any(const void *at) {
  uint32_t word;
  __builtin_memcpy(&word, at, 4);
  return word;
}

static inline int ht_aligned(const void *at) { return ((uintptr_t)at & 3u) == 0; }

static inline int32_t ht_clamp(int32_t value, int32_t min, int32_t max) {
  if (value < min) value = min;
  if (value > max) value = max;
  return value;
}
#endif
