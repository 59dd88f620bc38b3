#include "parity.h"
#include "../core/kernels/word.h"
#include "../core/model.h"

uint32_t ht_parity(ht_case *room, uint8_t *arena, uint32_t arena_bytes, uint8_t kind, uint32_t cases, uint32_t seed) {
  uint32_t hash = 2166136261u;
  ht_random random = {seed};
  for (uint32_t i = 0; i < cases; i++) {
    ht_model model;
    ht_case_make(room, kind, &random);
    if (room->bytes == 0 || ht_model_load(&model, room->file, room->bytes, arena, arena_bytes) != HT_OK) return 0;
    ht_case_fill(&model.ops[0], model.tensors, arena, &random);
    ht_model_run(&model, 0, 0);
    const ht_tensor *y = ht_model_output(&model, 0);
    const uint8_t *bytes = ht_model_at(&model, y);
    for (uint32_t k = 0; k < y->bytes; k++) hash = (hash ^ bytes[k]) * 16777619u;
  }
  return hash;
}
