/*
 * A loaded plan and how to run it. Nothing here allocates, recurses or keeps state of its own; only the arena is written.
 * Plans are untrusted: ht_model_load checks every offset, size, shape and parameter, so that ht_model_run cannot leave the plan and the arena.
 */
#ifndef HT_MODEL_H
#define HT_MODEL_H
#include "plan.h"

typedef enum {
  HT_OK = 0,
  HT_CORRUPT = 1,     /* not a plan, cut short, or its CRC differs */
  HT_INVALID = 2,     /* a well-formed file whose contents make no sense or are not known here; ht_model.bad_op says where */
  HT_NO_MEMORY = 3,   /* ht_model.plan->arena_bytes is what it needs */
} ht_status;

typedef struct {
  const ht_plan_header *plan; /* set as soon as the header is sound */
  const ht_tensor *tensors;
  const ht_op *ops;
  const uint16_t *io;
  const uint8_t *data;
  uint8_t *arena;
  uint32_t data_bytes;
  uint32_t bad_op;            /* after HT_INVALID: the operator, or 0xffffffff for the tables */
} ht_model;

/* Called behind each operator, for ticks per layer. */
typedef void (*ht_after_op)(void *context, uint32_t op);

/*
 * plan and arena are 16-byte aligned; the plan stays where it is, unchanged, for as long as the model is used. plan_bytes is what was received,
 * arena_room what may be written.
 */
ht_status ht_model_load(ht_model *model, const void *plan, uint32_t plan_bytes, void *arena, uint32_t arena_room);

/* One inference: inputs are read from the arena, outputs are left there. after_op may be 0. */
void ht_model_run(const ht_model *model, ht_after_op after_op, void *context);

/* Only for index < plan->input_count, output_count. */
const ht_tensor *ht_model_input(const ht_model *model, uint32_t index);
const ht_tensor *ht_model_output(const ht_model *model, uint32_t index);

/* Where a tensor's bytes are. Constants are not to be written. */
void *ht_model_at(const ht_model *model, const ht_tensor *tensor);

/* IEEE CRC-32 of bytes; start with crc 0, or go on with what an earlier call gave. */
uint32_t ht_crc32(uint32_t crc, const void *bytes, uint32_t length);
#endif
