/* The same random cases on any board: equal hashes mean equal outputs, byte for byte. */
#ifndef HT_PARITY_H
#define HT_PARITY_H
#include "cases.h"

/* FNV-1a over the outputs of `cases` cases of a kind; 0 if one did not load. 24 KB of arena are enough. */
uint32_t ht_parity(ht_case *room, uint8_t *arena, uint32_t arena_bytes, uint8_t kind, uint32_t cases, uint32_t seed);
#endif
