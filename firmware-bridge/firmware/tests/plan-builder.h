/* Writes plans of a few operators for tests, as plan.h lays them out. Freestanding, so that boards can run the same cases. */
#ifndef HT_PLAN_BUILDER_H
#define HT_PLAN_BUILDER_H
#include "../core/plan.h"

enum { ht_builder_ops = 8, ht_builder_tensors = 32, ht_builder_params = 1024, ht_builder_data = 49152 };

typedef struct {
  ht_tensor tensors[ht_builder_tensors];
  ht_op ops[ht_builder_ops];
  uint16_t io[2];
  uint8_t params[ht_builder_params];
  uint8_t data[ht_builder_data];
  uint32_t tensor_count, op_count, params_bytes, data_bytes, arena_bytes;
} ht_builder;

void ht_builder_clear(ht_builder *b);
/* A tensor in the arena, 16-byte aligned, behind all others. */
uint16_t ht_builder_arena(ht_builder *b, uint8_t type, const uint32_t dims[4]);
/* A constant; its bytes are copied. */
uint16_t ht_builder_constant(ht_builder *b, uint8_t type, const uint32_t dims[4], const void *bytes);
/* Bytes among the constants without a tensor; the offset from data_at. */
uint32_t ht_builder_bytes(ht_builder *b, const void *bytes, uint32_t length);
/* An operator; params may be 0. Scratch is put behind everything in the arena so far. */
ht_op *ht_builder_op(ht_builder *b, uint8_t kind, const uint16_t *inputs, uint32_t input_count, uint16_t output, const void *params, uint32_t params_bytes,
                     uint32_t scratch_bytes);
/* The file, 16-byte aligned room for `room` bytes; its length, or 0 where it does not fit. First input: tensor `input`; output: tensor `output`. */
uint32_t ht_builder_finish(ht_builder *b, uint16_t input, uint16_t output, void *to, uint32_t room);
/* Fresh CRC of a file that was changed. */
void ht_builder_seal(void *file);
/* Rows of weights packed as plan.h says; rows: [groups][rows][length]. Returns the bytes written. */
uint32_t ht_builder_pack(int8_t *to, const int8_t *rows, uint32_t groups, uint32_t row_count, uint32_t length);
#endif
