/* The four functions a freestanding compiler may call on its own (C11 4p6, GCC manual "Standards"). */
#include "../../session/bytes.h"
#include <stdint.h>

/* Words may alias anything here; without this the loops below would be turned into calls to themselves. */
typedef uint32_t __attribute__((may_alias)) word;
#define PLAIN __attribute__((optimize("no-tree-loop-distribute-patterns")))

PLAIN void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  uint8_t *t = to;
  const uint8_t *f = from;
  /* Cortex-M0+ faults on unaligned words, so words only when both sides agree. */
  if ((((uintptr_t)t ^ (uintptr_t)f) & 3) == 0) {
    for (; count > 0 && ((uintptr_t)t & 3) != 0; count--) *t++ = *f++;
    for (; count >= 16; count -= 16, t += 16, f += 16) {
      const word a = ((const word *)f)[0], b = ((const word *)f)[1], c = ((const word *)f)[2], d = ((const word *)f)[3];
      ((word *)t)[0] = a;
      ((word *)t)[1] = b;
      ((word *)t)[2] = c;
      ((word *)t)[3] = d;
    }
    for (; count >= 4; count -= 4, t += 4, f += 4) *(word *)t = *(const word *)f;
  }
  while (count-- > 0) *t++ = *f++;
  return to;
}

PLAIN void *memmove(void *to, const void *from, size_t count) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if (t <= f || t >= f + count) return memcpy(to, from, count);
  while (count-- > 0) t[count] = f[count];
  return to;
}

PLAIN void *memset(void *to, int value, size_t count) {
  uint8_t *t = to;
  const uint32_t four = (uint8_t)value * 0x01010101u;
  for (; count > 0 && ((uintptr_t)t & 3) != 0; count--) *t++ = (uint8_t)value;
  for (; count >= 4; count -= 4, t += 4) *(word *)t = four;
  while (count-- > 0) *t++ = (uint8_t)value;
  return to;
}

PLAIN int memcmp(const void *a, const void *b, size_t count) {
  const uint8_t *x = a, *y = b;
  for (; count > 0; count--, x++, y++)
    if (*x != *y) return *x < *y ? -1 : 1;
  return 0;
}
