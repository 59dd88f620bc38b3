/*
 * Plans that were tampered with must be refused or run inside their own memory; built with AddressSanitizer and UndefinedBehaviorSanitizer, which end the
 * program otherwise. A case: a sound plan of one operator, one to eight changes, a fresh CRC (else all would end there), exact-size buffers on
 * the heap, load, and where it loads, one inference.
 * Usage: fuzz [cases] [seed] [first case] [anything: print each case's number before it is tried]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../core/model.h"
#include "cases.h"

static ht_case base;

/* Most plans use few of the file's bytes for structure: changes go there, not into the weights, nine times in ten. */
static void mutate(uint8_t *file, uint32_t bytes, ht_random *r) {
  static const uint32_t edges[] = {0, 1, 2, 3, 4, 15, 16, 127, 128, 255, 256, 32767, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
  ht_plan_header *h = (ht_plan_header *)(void *)file;
  uint32_t limit = ht_random_in(r, 0, 9) > 0 && h->data_at <= bytes && h->data_at > 4 ? h->data_at : bytes;
  for (int32_t n = ht_random_in(r, 0, 3) ? ht_random_in(r, 1, 2) : ht_random_in(r, 3, 8); n > 0; n--) {
    uint32_t at = (uint32_t)ht_random_in(r, 0, (int32_t)limit - 4), value;
    if (ht_random_in(r, 0, 3) == 0) at = ht_random_in(r, 0, 1) ? at & ~3u : at & ~1u;
    memcpy(&value, file + at, 4);
    switch (ht_random_in(r, 0, 5)) {
      case 0: file[at] = (uint8_t)ht_random_next(r); continue;
      case 1: file[at] ^= (uint8_t)(1u << ht_random_in(r, 0, 7)); continue;
      case 2: value = edges[ht_random_in(r, 0, sizeof edges / sizeof edges[0] - 1)]; break;
      case 3: value += (uint32_t)ht_random_in(r, -16, 16); break;
      case 4: memcpy(&value, file + (ht_random_in(r, 0, (int32_t)limit - 4) & ~3), 4); break;
      default: value = ht_random_next(r);
    }
    memcpy(file + at, &value, 4);
  }
}

int main(int argc, char **argv) {
  uint32_t cases = argc > 1 ? (uint32_t)strtoul(argv[1], 0, 10) : 1000000;
  uint32_t seed = argc > 2 ? (uint32_t)strtoul(argv[2], 0, 10) : 20261124;
  uint32_t first = argc > 3 ? (uint32_t)strtoul(argv[3], 0, 10) : 0;
  int verbose = argc > 4;
  uint32_t seen[4] = {0, 0, 0, 0}, room = 1u << 17;
  for (uint32_t i = first; i < first + cases; i++) {
    ht_random r = {(seed ^ (i * 2654435761u)) | 1u};
    if (verbose) fprintf(stderr, "%u\n", (unsigned)i);
    if (i % 64 == 0 || i == first) { /* making a plan costs more than changing it */
      ht_random of_plan = {(seed ^ ((i / 64) * 40503u)) | 1u};
      ht_case_make(&base, (uint8_t)(1 + i / 64 % HT_DEQUANTIZE), &of_plan);
    }
    uint32_t bytes = base.bytes;
    uint8_t *file = aligned_alloc(16, bytes);
    memcpy(file, base.file, bytes);
    mutate(file, bytes, &r);
    ht_plan_header *h = (ht_plan_header *)(void *)file;
    if (h->magic == HT_PLAN_MAGIC && h->bytes == bytes && ht_random_in(&r, 0, 63) > 0) ht_builder_seal(file);
    uint32_t arena_bytes = h->arena_bytes <= room && h->arena_bytes % 16 == 0 && h->arena_bytes > 0 ? h->arena_bytes : 16;
    uint8_t *arena = aligned_alloc(16, arena_bytes);
    memset(arena, (int)(ht_random_next(&r) >> 24), arena_bytes);
    ht_model model;
    ht_status status = ht_model_load(&model, file, bytes, arena, arena_bytes);
    if (status == HT_OK) ht_model_run(&model, 0, 0);
    seen[status]++;
    free(arena);
    free(file);
  }
  printf("%u mutated plans: %u ran, %u corrupt, %u invalid, %u no memory\n", (unsigned)cases, (unsigned)seen[HT_OK], (unsigned)seen[HT_CORRUPT],
         (unsigned)seen[HT_INVALID], (unsigned)seen[HT_NO_MEMORY]);
  return seen[HT_OK] == 0 || seen[HT_INVALID] == 0;
}
