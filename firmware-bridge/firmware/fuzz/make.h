/* Traffic made from a seed: mostly right, so that it gets deep, with damage. Each returns its length. */
#ifndef HT_FUZZ_MAKE_H
#define HT_FUZZ_MAKE_H
#include <stdint.h>

#define MAKE_ROOM 16384u

void make_seed(uint64_t seed);
uint32_t make_below(uint32_t limit);

/* Bytes without a plan, or with markers and newlines between. */
uint32_t make_noise(uint8_t *bytes);
/* A text command. */
uint32_t make_command(uint8_t *bytes);
/* A CBOR map as requests have it, damaged in places. */
uint32_t make_map(uint8_t *bytes);
/* A request in frames, damaged in places. */
uint32_t make_frame(uint8_t *bytes);
/* Upload, load and inference of a small plan whose fields were changed before its checksums were computed. */
uint32_t make_plan_traffic(uint8_t *bytes);
/* How many of these had no field changed. */
unsigned long make_loads(void);

#endif
