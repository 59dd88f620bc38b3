/* What each operator means, written the slow way: real numbers in long double (64 bits of mantissa here: products are exact), one rintl. */
#ifndef HT_REFERENCE_H
#define HT_REFERENCE_H
#include "../core/model.h"
#include "cases.h"

/*
 * The output of a case's only operator, from the inputs in the arena: elements of int8 or float32. Where `floats` is given it gets, for CONV, DEPTHWISE and DENSE, what ONNX
 * Runtime's arithmetic (float32 product, then rint) makes of the same sum.
 */
void ht_reference(const ht_case *c, const ht_model *model, uint8_t *out, int8_t *floats);
#endif
