/* Running a plan: a table of operators, no recursion, nothing allocated. */
#include "model.h"
#include "kernels/kernels.h"

typedef void (*run_op)(const ht_model *model, const ht_op *op);

static const run_op runs[] = {
    [HT_CONV] = ht_run_conv,
    [HT_DEPTHWISE] = ht_run_depthwise,
    [HT_DENSE] = ht_run_dense,
    [HT_ADD] = ht_run_add,
    [HT_MUL] = ht_run_mul,
    [HT_MAX_POOL] = ht_run_max_pool,
    [HT_AVERAGE_POOL] = ht_run_average_pool,
    [HT_SOFTMAX] = ht_run_softmax,
    [HT_TABLE] = ht_run_table,
    [HT_COPY] = ht_run_copy,
    [HT_TRANSPOSE] = ht_run_transpose,
    [HT_CONCAT] = ht_run_concat,
    [HT_PAD] = ht_run_pad,
    [HT_QUANTIZE] = ht_run_quantize,
    [HT_DEQUANTIZE] = ht_run_dequantize,
};

void ht_model_run(const ht_model *model, ht_after_op after_op, void *context) {
  for (uint32_t i = 0; i < model->plan->op_count; i++) {
    const ht_op *op = &model->ops[i];
    runs[op->kind](model, op);
    if (after_op) after_op(context, i);
  }
}

const ht_tensor *ht_model_input(const ht_model *model, uint32_t index) { return &model->tensors[model->io[index]]; }

const ht_tensor *ht_model_output(const ht_model *model, uint32_t index) {
  return &model->tensors[model->io[model->plan->input_count + index]];
}

void *ht_model_at(const ht_model *model, const ht_tensor *tensor) {
  return (void *)(uintptr_t)ht_read(model, tensor); /* the caller does not write constants */
}
