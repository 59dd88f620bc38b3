/*
 * Every kernel against the naive reference, on random shapes and parameters, bit for bit; and requantisation against ONNX Runtime's arithmetic.
 * Usage: kernels-test [cases of each kind] [seed]. Prints one line a kind; status 1 and the seed of the first failing case otherwise.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../core/kernels/requantize.h"
#include "reference.h"

static const char *const names[] = {"",      "conv",  "depthwise", "dense",     "add",    "mul", "max-pool", "average-pool",
                                    "softmax", "table", "copy",      "transpose", "concat", "pad", "quantize", "dequantize"};

static ht_case test_case;
static _Alignas(16) uint8_t arena[1 << 20];
static uint8_t expected[1 << 18];

typedef struct {
  unsigned long long outputs, by_one, more;
} difference;

static int run_case(uint8_t kind, uint32_t seed, difference *d) {
  static int8_t floats[1 << 18];
  ht_random random = {seed};
  ht_model model;
  ht_case_make(&test_case, kind, &random);
  ht_status status = ht_model_load(&model, test_case.file, test_case.bytes, arena, sizeof arena);
  if (test_case.bytes == 0 || status != HT_OK) {
    fprintf(stderr, "%s: seed %u: not loaded: %d\n", names[kind], seed, (int)status);
    return 0;
  }
  const ht_tensor *y = ht_model_output(&model, 0);
  for (uint32_t i = 0; i < model.plan->arena_bytes; i++) arena[i] = (uint8_t)(ht_random_next(&random) >> 24); /* nothing may depend on it */
  ht_case_fill(&model.ops[0], model.tensors, arena, &random);
  ht_reference(&test_case, &model, expected, floats);
  ht_model_run(&model, 0, 0);
  const int8_t *got = ht_model_at(&model, y);
  if (memcmp(got, expected, y->bytes) != 0) {
    fprintf(stderr, "%s: seed %u: output differs\n", names[kind], seed);
    return 0;
  }
  d->outputs += y->bytes;
  if (kind > HT_DENSE || y->type != HT_INT8) return 1;
  for (uint32_t i = 0; i < y->bytes; i++) {
    int by = abs(got[i] - floats[i]);
    d->by_one += by == 1;
    d->more += by > 1;
  }
  return 1;
}

/* Sums and scales as layers have them, float32 scales: the bound is 0.05 % of at least 10^6 by one, none by two. */
static int against_float32(uint32_t count, ht_random *random, difference *d) {
  for (uint32_t i = 0; i < count; i++) {
    int32_t multiplier = (1 << 30) + (int32_t)((ht_random_next(random) >> 2) & ~127u);
    int32_t shift = ht_random_in(random, 34, 46);
    if (i % 4 == 0) multiplier = 1 << 30;
    int32_t reach = 1 << (shift - 23); /* outputs of about -256 .. 256 */
    int32_t value = ht_random_in(random, -reach, reach), zero = ht_random_in(random, -128, 127);
    float scaled = rintf((float)value * (float)ldexp(multiplier, -shift)) + (float)zero;
    int wanted = (int)(scaled < -128 ? -128 : scaled > 127 ? 127 : scaled);
    int by = abs(ht_requantize(value, multiplier, (uint32_t)shift, zero, -128, 127) - wanted);
    d->outputs++;
    d->by_one += by == 1;
    d->more += by > 1;
  }
  return d->more == 0 && d->by_one * 2000 <= d->outputs;
}

/* Any sum, multiplier and shift, the halves' product too. */
static int exactly(uint32_t count, ht_random *random) {
  for (uint32_t i = 0; i < count; i++) {
    int32_t value = (int32_t)ht_random_next(random) >> (ht_random_next(random) & 31);
    int32_t multiplier = i % 2 ? (int32_t)(ht_random_next(random) >> 1) : 1 << (ht_random_next(random) % 31);
    uint32_t shift = (uint32_t)ht_random_in(random, 1, 62);
    int64_t product = (int64_t)value * multiplier;
    ht_product halves = ht_multiply_halves(value, multiplier);
    if (halves.high != (int32_t)(product >> 32) || halves.low != (uint32_t)product) return 0;
    long double wanted = rintl(ldexpl((long double)product, -(int)shift));
    if (wanted > 1 << 30) wanted = 1 << 30;
    if (wanted < -(1 << 30)) wanted = -(1 << 30);
    if (ht_scale_down(value, multiplier, shift) != (int32_t)wanted) return 0;
  }
  return 1;
}

int main(int argc, char **argv) {
  uint32_t cases = argc > 1 ? (uint32_t)strtoul(argv[1], 0, 10) : 2000;
  ht_random seeds = {argc > 2 ? (uint32_t)strtoul(argv[2], 0, 10) : 20261124};
  int failed = 0;
  difference float32 = {0, 0, 0};
  int sound = against_float32(4000000, &seeds, &float32) && exactly(4000000, &seeds);
  printf("requantize: 4000000 exact; of %llu against float32, %llu differ by one, %llu by more%s\n", float32.outputs, float32.by_one, float32.more,
         sound ? "" : ": FAILED");
  failed |= !sound;
  for (uint8_t kind = HT_CONV; kind <= HT_DEQUANTIZE; kind++) {
    difference d = {0, 0, 0};
    uint32_t done = 0;
    while (done < cases && run_case(kind, ht_random_next(&seeds), &d)) done++;
    failed |= done < cases || d.more > 0;
    printf("%s: %u of %u cases, %llu bytes equal", names[kind], done, cases, d.outputs);
    if (kind <= HT_DENSE) printf("; against float32 arithmetic %llu differ by one, %llu by more", d.by_one, d.more);
    printf("\n");
  }
  return failed;
}
