/* Taking a plan over: the file, its tables, then operator by operator. */
#include "check.h"

static int within(uint32_t at, uint32_t count, uint32_t size, uint32_t limit) {
  return at <= limit && (uint64_t)count * size <= limit - at;
}

static int header_is_sound(const ht_plan_header *h) {
  if (h->flags != 0 || h->reserved != 0) return 0;
  if (h->arena_bytes % 16u != 0 || h->data_at % 16u != 0 || h->data_at < sizeof *h || h->data_at > h->bytes) return 0;
  if ((h->tensors_at | h->ops_at | h->io_at) % 4u != 0) return 0;
  if (h->tensor_count == 0 || h->op_count == 0 || h->input_count == 0 || h->output_count == 0) return 0;
  return within(h->tensors_at, h->tensor_count, sizeof(ht_tensor), h->bytes) && within(h->ops_at, h->op_count, sizeof(ht_op), h->bytes) &&
         within(h->io_at, (uint32_t)h->input_count + h->output_count, sizeof(uint16_t), h->bytes);
}

static int tensor_is_sound(const ht_model *model, const ht_tensor *t) {
  if (t->place > HT_DATA || t->type > HT_FLOAT32 || t->rank > 4 || t->layout > 1 || t->at % 4u != 0) return 0;
  uint64_t elements = 1;
  for (uint32_t i = 0; i < 4; i++) {
    elements *= t->dims[i];
    if (elements == 0 || elements > HT_MAX_ELEMENTS) return 0;
  }
  if (t->bytes != elements * (t->type == HT_INT8 ? 1u : 4u)) return 0;
  if (t->type == HT_INT8 && (t->zero_point < -128 || t->zero_point > 127)) return 0;
  return within(t->at, t->bytes, 1, t->place == HT_ARENA ? model->plan->arena_bytes : model->data_bytes);
}

static int in_arena(const ht_model *model, uint16_t id) {
  return id < model->plan->tensor_count && model->tensors[id].place == HT_ARENA;
}

static int overlap(uint32_t a, uint32_t a_bytes, uint32_t b, uint32_t b_bytes) { return a < b + b_bytes && b < a + a_bytes; }

static int may_work_in_place(const ht_op *op) {
  return op->kind == HT_ADD || op->kind == HT_MUL || op->kind == HT_TABLE || op->kind == HT_COPY;
}

/* Sums of offsets and sizes cannot wrap: each part has been seen to lie inside the arena. */
static int op_is_placed(const ht_model *model, const ht_op *op) {
  if (op->kind < HT_CONV || op->kind > HT_DEQUANTIZE || op->output_count != 1) return 0;
  if (op->input_count == 0 || op->input_count > HT_MAX_INPUTS || !in_arena(model, op->output)) return 0;
  if (op->scratch_at % 4u != 0 || !within(op->scratch_at, op->scratch_bytes, 1, model->plan->arena_bytes)) return 0;
  const ht_tensor *y = &model->tensors[op->output];
  if (overlap(y->at, y->bytes, op->scratch_at, op->scratch_bytes)) return 0;
  for (uint32_t i = 0; i < op->input_count; i++) {
    if (op->inputs[i] >= model->plan->tensor_count) return 0;
    const ht_tensor *x = &model->tensors[op->inputs[i]];
    if (x->place == HT_DATA) continue;
    if (overlap(x->at, x->bytes, op->scratch_at, op->scratch_bytes)) return 0;
    int same = x->at == y->at && x->bytes == y->bytes;
    if (overlap(x->at, x->bytes, y->at, y->bytes) && !(same && may_work_in_place(op))) return 0;
  }
  return 1;
}

static int tables_are_sound(const ht_model *model) {
  const ht_plan_header *h = model->plan;
  for (uint32_t i = 0; i < h->tensor_count; i++)
    if (!tensor_is_sound(model, &model->tensors[i])) return 0;
  for (uint32_t i = 0; i < (uint32_t)h->input_count + h->output_count; i++)
    if (!in_arena(model, model->io[i])) return 0;
  return 1;
}

ht_status ht_model_load(ht_model *model, const void *plan, uint32_t plan_bytes, void *arena, uint32_t arena_room) {
  const ht_plan_header *h = plan;
  *model = (ht_model){.arena = arena, .bad_op = 0xffffffffu};
  if (plan_bytes < sizeof *h || h->magic != HT_PLAN_MAGIC || h->bytes != plan_bytes || plan_bytes % 16u != 0) return HT_CORRUPT;
  if (h->crc32 != ht_crc32(0, h + 1, plan_bytes - (uint32_t)sizeof *h)) return HT_CORRUPT;
  if (h->version != HT_PLAN_VERSION || !header_is_sound(h)) return HT_INVALID;
  const uint8_t *bytes = plan;
  model->plan = h;
  model->tensors = (const ht_tensor *)(const void *)(bytes + h->tensors_at);
  model->ops = (const ht_op *)(const void *)(bytes + h->ops_at);
  model->io = (const uint16_t *)(const void *)(bytes + h->io_at);
  model->data = bytes + h->data_at;
  model->data_bytes = h->bytes - h->data_at;
  if (!tables_are_sound(model)) return HT_INVALID;
  for (uint32_t i = 0; i < h->op_count; i++) {
    if (op_is_placed(model, &model->ops[i]) && ht_op_is_sound(model, &model->ops[i])) continue;
    model->bad_op = i;
    return HT_INVALID;
  }
  return h->arena_bytes > arena_room ? HT_NO_MEMORY : HT_OK;
}
