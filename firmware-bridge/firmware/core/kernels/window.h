#ifndef HT_WINDOW_H
#define HT_WINDOW_H
#include <stdint.h>

/* Which of `count` taps, `step` apart and beginning at `first`, lie in 0..size-1: begin..end-1. */
static inline void ht_inside(int32_t first, uint32_t step, uint32_t count, uint32_t size, uint32_t *begin, uint32_t *end) {
  uint32_t from = first < 0 ? (uint32_t)-first : 0;
  uint32_t to = first >= (int32_t)size ? 0 : (uint32_t)((int32_t)size - first);
  if (step > 1) { /* ARMv6-M has no division: only where it is needed */
    from = (from + step - 1u) / step;
    to = (to + step - 1u) / step;
  }
  if (to > count) to = count;
  if (from > to) from = to;
  *begin = from;
  *end = to;
}
#endif
