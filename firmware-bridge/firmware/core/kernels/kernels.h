/* One function per operator. ht_model_load has checked everything they rely on (op-check.c); they check nothing again. */
#ifndef HT_KERNELS_H
#define HT_KERNELS_H
#include "../model.h"

void ht_run_conv(const ht_model *model, const ht_op *op);
void ht_run_depthwise(const ht_model *model, const ht_op *op);
void ht_run_dense(const ht_model *model, const ht_op *op);
void ht_run_add(const ht_model *model, const ht_op *op);
void ht_run_mul(const ht_model *model, const ht_op *op);
void ht_run_max_pool(const ht_model *model, const ht_op *op);
void ht_run_average_pool(const ht_model *model, const ht_op *op);
void ht_run_softmax(const ht_model *model, const ht_op *op);
void ht_run_table(const ht_model *model, const ht_op *op);
void ht_run_copy(const ht_model *model, const ht_op *op);
void ht_run_transpose(const ht_model *model, const ht_op *op);
void ht_run_concat(const ht_model *model, const ht_op *op);
void ht_run_pad(const ht_model *model, const ht_op *op);
void ht_run_quantize(const ht_model *model, const ht_op *op);
void ht_run_dequantize(const ht_model *model, const ht_op *op);

static inline const ht_tensor *ht_in(const ht_model *model, const ht_op *op, uint32_t index) {
  return &model->tensors[op->inputs[index]];
}
static inline const ht_tensor *ht_out(const ht_model *model, const ht_op *op) { return &model->tensors[op->output]; }

static inline const void *ht_read(const ht_model *model, const ht_tensor *tensor) {
  return (tensor->place == HT_ARENA ? model->arena : model->data) + tensor->at;
}
static inline void *ht_write(const ht_model *model, const ht_tensor *tensor) { return model->arena + tensor->at; }

static inline const void *ht_params(const ht_model *model, const ht_op *op) {
  return (const uint8_t *)model->plan + op->params_at;
}
static inline uint32_t ht_elements(const ht_tensor *tensor) {
  return tensor->dims[0] * tensor->dims[1] * tensor->dims[2] * tensor->dims[3];
}
#endif
