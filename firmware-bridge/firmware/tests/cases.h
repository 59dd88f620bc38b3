/* Random plans of one operator, with what a naive reference needs to compute the same: the weights before packing, the bias before folding. */
#ifndef HT_CASES_H
#define HT_CASES_H
#include "plan-builder.h"
#include "random.h"

enum { ht_case_weights = 16384, ht_case_outputs = 512, ht_case_room = 65536 };

typedef struct {
  ht_builder builder;
  int8_t weights[ht_case_weights]; /* CONV: OHWI; DEPTHWISE: HWC; DENSE: [outputs][inputs] */
  int32_t bias[ht_case_outputs];
  int8_t packed[ht_case_weights * 2];
  ht_channel channels[ht_case_outputs];
  _Alignas(16) uint8_t file[ht_case_room];
  uint32_t bytes;
} ht_case;

/* A plan with one operator of this kind, its parameters chosen at random; ties are made frequent. */
void ht_case_make(ht_case *c, uint8_t kind, ht_random *random);
/* Random bytes for the inputs of a loaded plan's operator that lie in the arena. Floats are reasonable ones. */
void ht_case_fill(const ht_op *op, const ht_tensor *tensors, uint8_t *arena, ht_random *random);
#endif
