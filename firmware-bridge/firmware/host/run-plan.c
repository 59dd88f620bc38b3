/*
 * The host build of the firmware's core: runs a plan on inputs, for tests and as the reference of every board.
 *
 *   run-plan PLAN [--layers FILE] < inputs > outputs
 *
 * Standard input is any number of items: the bytes of all inputs, in the plan's order, one item after the other. Standard output: the bytes of all outputs
 * of each item. --layers also writes every operator's output, in their order, item by item.
 * Status 0; 1 file or input cut short; 2 corrupt; 3 invalid; 4 no memory (never here). What is wrong is one line on standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../core/model.h"

static void *whole_file(const char *path, uint32_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  size_t room = 1 << 16, used = 0;
  uint8_t *bytes = aligned_alloc(16, room);
  for (;;) {
    used += fread(bytes + used, 1, room - used, file);
    if (used < room) break;
    uint8_t *more = aligned_alloc(16, room * 2);
    memcpy(more, bytes, used);
    free(bytes);
    bytes = more;
    room *= 2;
  }
  fclose(file);
  *length = (uint32_t)used;
  return bytes;
}

typedef struct {
  const ht_model *model;
  FILE *file;
} layers;

static void write_layer(void *context, uint32_t op) {
  const layers *l = context;
  const ht_tensor *y = &l->model->tensors[l->model->ops[op].output];
  fwrite(ht_model_at(l->model, y), 1, y->bytes, l->file);
}

/* 1: an item was read, 0: none was left, -1: it was cut short. */
static int read_item(const ht_model *model) {
  size_t wanted = 0, got = 0;
  for (uint32_t i = 0; i < model->plan->input_count; i++) {
    const ht_tensor *x = ht_model_input(model, i);
    wanted += x->bytes;
    got += fread(ht_model_at(model, x), 1, x->bytes, stdin);
  }
  return got == wanted ? 1 : got == 0 ? 0 : -1;
}

static int refuse(const ht_model *model, ht_status status) {
  if (status == HT_CORRUPT) fprintf(stderr, "corrupt\n");
  if (status == HT_INVALID && model->bad_op == 0xffffffffu) fprintf(stderr, "invalid tables\n");
  if (status == HT_INVALID && model->bad_op != 0xffffffffu) fprintf(stderr, "invalid op %u\n", (unsigned)model->bad_op);
  if (status == HT_NO_MEMORY) fprintf(stderr, "no memory, needs %u\n", (unsigned)model->plan->arena_bytes);
  return 1 + (int)status;
}

int main(int argc, char **argv) {
  if (argc != 2 && !(argc == 4 && strcmp(argv[2], "--layers") == 0)) {
    fprintf(stderr, "usage: run-plan PLAN [--layers FILE] < inputs > outputs\n");
    return 1;
  }
  uint32_t length = 0, room = 1u << 26;
  void *plan = whole_file(argv[1], &length);
  void *arena = aligned_alloc(16, room);
  if (!plan || !arena) {
    fprintf(stderr, "cannot read %s\n", argv[1]);
    return 1;
  }
  ht_model model;
  ht_status status = ht_model_load(&model, plan, length, arena, room);
  if (status != HT_OK) return refuse(&model, status);
  layers dump = {&model, argc == 4 ? fopen(argv[3], "wb") : 0};
  if (argc == 4 && !dump.file) {
    fprintf(stderr, "cannot write %s\n", argv[3]);
    return 1;
  }
  int more;
  while ((more = read_item(&model)) > 0) {
    ht_model_run(&model, dump.file ? write_layer : 0, &dump);
    for (uint32_t i = 0; i < model.plan->output_count; i++) {
      const ht_tensor *y = ht_model_output(&model, i);
      fwrite(ht_model_at(&model, y), 1, y->bytes, stdout);
    }
  }
  if (more < 0) fprintf(stderr, "the last item is cut short\n");
  if (dump.file) fclose(dump.file);
  free(plan);
  free(arena);
  return more < 0;
}
