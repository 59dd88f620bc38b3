/* The C library's four; freestanding compilers have no <string.h> for them (boards/common/memory.c has the functions). */
#ifndef HT_BYTES_H
#define HT_BYTES_H
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif
