/*
 * The plan: a compiled int8 model. Little-endian; every record 4-byte aligned; constants 16-byte aligned in the file, so that a
 * plan may be used where it lies (flash or RAM). Written by compression/src/plan, read by contracts/src/plan-format.ts and by
 * the firmware. A change here is a new HT_PLAN_VERSION.
 *
 * Activations are int8 (uint8 models are shifted by 128), four-dimensional ones in NHWC order. dims always has four entries,
 * unused leading ones are 1; none is 0. Real value = (q - zero_point) * scale.
 *
 * Requantisation, everywhere the same: out = clamp(zero + round(value * multiplier / 2^shift), min, max), one exact 64-bit product,
 * one rounding, ties to even. multiplier is in [2^30, 2^31) or 0, shift (to the right) in 1..62. A float32 scale is represented
 * exactly: scale = m * 2^e, m in [0.5, 1): multiplier = m * 2^31, shift = 31 - e; with e < -31: multiplier 0, shift 32.
 */
#ifndef HT_PLAN_H
#define HT_PLAN_H
#include <stdint.h>

#define HT_PLAN_MAGIC 0x4C505448u /* "HTPL" */
#define HT_PLAN_VERSION 1u
#define HT_MAX_INPUTS 6u
#define HT_NONE 0xffffu

typedef struct {
  uint32_t magic;
  uint16_t version;
  uint16_t flags;          /* 0 */
  uint32_t bytes;          /* whole file, multiple of 16 */
  uint32_t crc32;          /* IEEE, of everything behind this header (from byte 64) */
  uint32_t arena_bytes;    /* activations and scratch, planned; multiple of 16 */
  uint16_t tensor_count;
  uint16_t op_count;
  uint8_t input_count;     /* ids are in io[]: inputs, then outputs; at least one of each */
  uint8_t output_count;
  uint16_t reserved;       /* 0 */
  uint32_t tensors_at;     /* offsets from the start of the file, multiples of 4 */
  uint32_t ops_at;
  uint32_t io_at;          /* uint16_t ids */
  uint32_t data_at;        /* constants, to the end of the file; multiple of 16 */
  uint32_t macs_low, macs_high;
  uint32_t reserved2[3];   /* 0 */
} ht_plan_header;          /* 64 bytes */

enum { HT_ARENA = 0, HT_DATA = 1 };
enum { HT_INT8 = 0, HT_INT32 = 1, HT_FLOAT32 = 2 };

typedef struct {
  uint32_t at;             /* offset in the arena, or from data_at; multiple of 4 */
  uint32_t bytes;          /* in the arena: product of dims times the size of an element */
  uint8_t place;           /* HT_ARENA or HT_DATA */
  uint8_t type;
  uint8_t rank;            /* of the ONNX tensor; dims is padded in front with 1 */
  uint8_t layout;          /* 0 rows, 1 channels last: for who fills or reads it, kernels do not look */
  uint32_t dims[4];        /* N H W C for rank 4; otherwise as in ONNX */
  float scale;             /* 0 where it has none */
  int32_t zero_point;
} ht_tensor;               /* 36 bytes */

typedef enum {
  HT_CONV = 1,             /* params ht_conv; inputs x, weights (packed), channels */
  HT_DEPTHWISE = 2,        /* params ht_conv with groups = C; inputs x, weights [kh][kw][outputs], channels */
  HT_DENSE = 3,            /* params ht_dense; inputs x, weights (packed), channels; output int8 or float32 */
  HT_ADD = 4,              /* params ht_binary; inputs a, b */
  HT_MUL = 5,              /* params ht_binary; inputs a, b */
  HT_MAX_POOL = 6,         /* params ht_pool; same scale in and out */
  HT_AVERAGE_POOL = 7,     /* params ht_pool; global: kernel = whole input */
  HT_SOFTMAX = 8,          /* params ht_softmax; inputs x, uint32_t table[256]; over the last axis. Without table: float32 -> float32, params 0 */
  HT_TABLE = 9,            /* no params; inputs x, int8_t table[256] indexed by (uint8_t)q: 0..127, then -128..-1 */
  HT_COPY = 10,            /* no params; same bytes: Reshape, Flatten, Identity where it could not be planned away */
  HT_TRANSPOSE = 11,       /* params ht_transpose */
  HT_CONCAT = 12,          /* params ht_concat; each input requantised where its scale differs */
  HT_PAD = 13,             /* params ht_pad; a constant */
  HT_QUANTIZE = 14,        /* no params; float32 -> int8, by the output's scale and zero_point */
  HT_DEQUANTIZE = 15,      /* no params; int8 -> float32, by the input's scale and zero_point */
} ht_op_kind;

/*
 * Output and scratch lie in the arena. An output overlaps none of its op's inputs or its scratch, save that ADD, MUL, TABLE and COPY may work in place:
 * output and that input of the same place and size (an input that is broadcast may not).
 */
typedef struct {
  uint8_t kind;
  uint8_t input_count;     /* 1..6 */
  uint8_t output_count;    /* 1 */
  uint8_t reserved;        /* 0 */
  uint16_t inputs[6];      /* tensor ids; HT_NONE behind input_count */
  uint16_t output;
  uint16_t reserved2;      /* 0 */
  uint32_t params_at;      /* offset from the start of the file, multiple of 4; 0: none */
  uint32_t scratch_at;     /* offset in the arena, multiple of 4 */
  uint32_t scratch_bytes;  /* CONV: 4 * up4(kh * kw * C / groups). DENSE: up4(inputs) if rows > 1 and inputs % 4. Others 0 */
  uint32_t macs;
} ht_op;                   /* 36 bytes */

/*
 * One per output of CONV, DEPTHWISE and DENSE: a constant tensor of type HT_INT32, dims [1][1][outputs][3].
 * bias: the model's, with the input's zero point folded in: bias - input_zero * sum, int32 wrap-around.
 * shift_sum: the shift in the low 8 bits, above them the sum of this output's weights (signed, 24 bits: a row has at most 65,535 weights).
 * Kernels without 8-bit instructions add 128 to their inputs and take 128 * sum off again; DEPTHWISE leaves the sum 0.
 * DENSE with a float32 output: multiplier holds the bits of the float32 scale, the shift is 0: out = (float)acc * scale.
 */
typedef struct {
  int32_t bias, multiplier, shift_sum;
} ht_channel;              /* 12 bytes */

/*
 * Packed weights (CONV, DENSE): int8, zero point 0. A row is one output's weights in the order of its inputs (CONV: kh, kw, channel of the
 * group), padded with 0 to k4 = up4(length). Rows are padded to a multiple of four with rows of 0 (CONV: within each group). Every four rows are
 * interleaved in words: for k = 0, 4, 8 ..: row0[k..k+3], row1[k..k+3], row2[k..k+3], row3[k..k+3].
 * bytes = groups * up4(outputs / groups) * k4. dims of such a tensor say so: [1][groups][up4(outputs / groups)][k4].
 */
typedef struct {
  uint16_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  uint16_t pad_top, pad_left;      /* bottom and right follow from the output's size; padding counts as input_zero */
  uint16_t groups, reserved;
  int32_t input_zero, output_zero; /* zero points */
  int32_t min, max;                /* clamp of the int8 output, zero point included: Relu and Clip are in it */
} ht_conv;                         /* 36 bytes */

typedef struct {
  uint32_t rows, inputs, outputs;  /* x is [rows][inputs], the output [rows][outputs], whatever their dims */
  int32_t output_zero, min, max;
} ht_dense;                        /* 24 bytes */

/*
 * Each dim of a and b is the output's or 1 (broadcast).
 * ADD: out = clamp(output_zero + round(((a - a_zero) * a_multiplier + (b - b_zero) * b_multiplier) / 2^shift)): one shift for both sides, 17..46,
 *      such that the larger |multiplier| is in [2^30, 2^31); a negative multiplier subtracts.
 * MUL: out = clamp(output_zero + round((a - a_zero) * (b - b_zero) * a_multiplier / 2^shift)); b_multiplier is 0.
 */
typedef struct {
  int32_t a_zero, b_zero, output_zero, min, max;
  int32_t a_multiplier, b_multiplier, shift;
} ht_binary;                       /* 32 bytes */

typedef struct {
  int32_t multiplier, shift;
} ht_scale;

/*
 * AVERAGE_POOL: round(sum of (q - input_zero) inside the input * scale): scale_count is 1 (one scale for every window: no padding, or padding
 * counted) or kernel_h * kernel_w: entry n - 1 for a window with n taps inside. A scale is input_scale / (output_scale * n).
 * MAX_POOL: scale_count 0; the zero points are not looked at.
 */
typedef struct {
  uint16_t kernel_h, kernel_w, stride_h, stride_w;
  uint16_t pad_top, pad_left;
  int32_t input_zero, output_zero, min, max;
  uint32_t scales_at, scale_count; /* ht_scale[], offset from data_at, multiple of 4 */
} ht_pool;                         /* 36 bytes */

/*
 * out = min(output_zero + round(table[max - q] * inverse_scale / sum of table[max - q]), 127), max: of the row; table[d] = round(2^k * exp(-d * scale)),
 * k <= 22 and such that a row's sum stays below 2^31. inverse_scale 1..511: ONNX Runtime takes floor(1 / output_scale).
 */
typedef struct {
  uint32_t inverse_scale;
  int32_t output_zero;
} ht_softmax;                      /* 8 bytes */

typedef struct {
  uint8_t perm[4];                 /* over the four padded dims: output dim i is input dim perm[i] */
} ht_transpose;                    /* 4 bytes */

typedef struct {
  int32_t zero, multiplier, shift; /* multiplier 0: the bytes are copied */
} ht_concat_input;

typedef struct {
  uint32_t axis;                   /* of the four padded dims */
  int32_t output_zero;
  ht_concat_input inputs[];        /* one per input of the op */
} ht_concat;                       /* 8 + 12 * inputs bytes */

typedef struct {
  uint32_t before[4];              /* what follows comes from the output's dims */
  int32_t value;
} ht_pad;                          /* 20 bytes */

_Static_assert(sizeof(ht_plan_header) == 64 && sizeof(ht_tensor) == 36 && sizeof(ht_op) == 36, "layout of the file");
_Static_assert(sizeof(ht_channel) == 12 && sizeof(ht_conv) == 36 && sizeof(ht_dense) == 24 && sizeof(ht_binary) == 32, "layout of the file");
_Static_assert(sizeof(ht_pool) == 36 && sizeof(ht_scale) == 8 && sizeof(ht_softmax) == 8 && sizeof(ht_pad) == 20, "layout of the file");
#endif
