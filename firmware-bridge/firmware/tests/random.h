/* A small generator (xorshift32): the same sequence on every machine. */
#ifndef HT_RANDOM_H
#define HT_RANDOM_H
#include <stdint.h>

typedef struct {
  uint32_t state; /* not 0 */
} ht_random;

static inline uint32_t ht_random_next(ht_random *r) {
  uint32_t x = r->state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return r->state = x;
}

/* low..high, both included. */
static inline int32_t ht_random_in(ht_random *r, int32_t low, int32_t high) {
  uint32_t span = (uint32_t)high - (uint32_t)low + 1u;
  return (int32_t)((uint32_t)low + (uint32_t)(((uint64_t)ht_random_next(r) * span) >> 32));
}
#endif
