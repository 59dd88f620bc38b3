/* Inside ht_model_load: what the kernels rely on. Nothing of a plan is believed. */
#ifndef HT_CHECK_H
#define HT_CHECK_H
#include "model.h"

/* Elements of the largest tensor: a sum of that many (q - zero point) still fits 32 bits. */
#define HT_MAX_ELEMENTS (1u << 23)
/* Farthest tap of a window from its first, in rows or columns. */
#define HT_MAX_REACH (1u << 20)
/* Weights of one output: their sum fits 24 bits. */
#define HT_MAX_ROW 65535u

/* Whether the operator's tensors, parameters and scratch are such that its kernel stays inside them. Ids are already checked. */
int ht_op_is_sound(const ht_model *model, const ht_op *op);
#endif
