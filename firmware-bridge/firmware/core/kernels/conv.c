/*
 * Convolution as a product of matrices: the input bytes under the kernel at some positions are gathered into columns (in scratch), then each pair
 * of rows of weights meets them. Padding is filled with the input's zero point, whose share is in the folded bias.
 */
#include "blocks.h"
#include "kernels.h"
#include "requantize.h"
#include "window.h"

typedef struct {
  const ht_conv *p;
  const int8_t *x; /* of this image and group */
  uint32_t in_h, in_w, in_c;
  uint32_t depth;  /* channels of a group */
  uint32_t zeros;  /* the input's zero point, four times */
  int solid;       /* a row of taps is one run of bytes */
} source;

typedef struct {
  const ht_conv *p;
  uint32_t k4, rows, out_c;
} sink;

static inline ht_word *put_words(ht_word *at, const ht_word *from, uint32_t words) {
  for (; words >= 4; words -= 4, from += 4) {
    at = ht_column_put(at, from[0]);
    at = ht_column_put(at, from[1]);
    at = ht_column_put(at, from[2]);
    at = ht_column_put(at, from[3]);
  }
  for (; words > 0; words--) at = ht_column_put(at, *from++);
  return at;
}

static inline ht_word *put_zeros(ht_word *at, uint32_t zeros, uint32_t words) {
  for (; words > 0; words--) at = ht_column_put(at, zeros);
  return at;
}

/* Byte by byte where runs are no whole words: the words are put together here. */
typedef struct {
  ht_word *at;
  uint32_t pending, bits; /* bytes still short of a word, and how many bits they are */
} joiner;

static inline joiner push_byte(joiner j, uint32_t byte) {
  j.pending |= byte << j.bits;
  j.bits += 8;
  if (j.bits == 32) {
    j.at = ht_column_put(j.at, j.pending);
    j.pending = j.bits = 0;
  }
  return j;
}

static inline joiner push(joiner j, const int8_t *from, uint32_t length) {
  for (; length >= 4; length -= 4, from += 4) {
    uint32_t word = ht_load_any(from);
    j.at = ht_column_put(j.at, j.pending | word << j.bits);
    j.pending = j.bits ? word >> (32u - j.bits) : 0;
  }
  for (; length > 0; length--) j = push_byte(j, (uint8_t)*from++);
  return j;
}

static inline joiner push_zeros(joiner j, uint32_t zeros, uint32_t length) {
  for (; length > 0; length--) j = push_byte(j, zeros & 0xffu);
  return j;
}

/* Runs of whole words, all aligned. */
static __attribute__((noinline)) void gather_words(const source *s, int32_t y, int32_t x0, ht_word *at) {
  const ht_conv *p = s->p;
  uint32_t begin, end, depth = s->depth / 4u, line = s->in_w * s->in_c / 4u;
  ht_inside(x0, p->dilation_w, p->kernel_w, s->in_w, &begin, &end);
  uint32_t before = begin * depth, behind = (p->kernel_w - end) * depth, run = (end - begin) * depth;
  const ht_word *image = (const ht_word *)(const void *)s->x;
  uint32_t first = (uint32_t)(x0 + (int32_t)(begin * p->dilation_w)) * (s->in_c / 4u); /* not looked at where begin == end */
  for (uint32_t ky = p->kernel_h; ky > 0; ky--, y += p->dilation_h) {
    if (y < 0 || y >= (int32_t)s->in_h) {
      at = put_zeros(at, s->zeros, before + run + behind);
      continue;
    }
    at = put_zeros(at, s->zeros, before);
    const ht_word *from = image + ((uint32_t)y * line + first);
    if (s->solid) {
      at = put_words(at, from, run);
    } else {
      for (uint32_t kx = begin; kx < end; kx++, from += p->dilation_w * s->in_c / 4u) at = put_words(at, from, depth);
    }
    at = put_zeros(at, s->zeros, behind);
  }
}

static __attribute__((noinline)) void gather_bytes(const source *s, int32_t y, int32_t x0, ht_word *at) {
  const ht_conv *p = s->p;
  joiner j = {at, 0, 0};
  uint32_t begin, end;
  ht_inside(x0, p->dilation_w, p->kernel_w, s->in_w, &begin, &end);
  uint32_t before = begin * s->depth, behind = (p->kernel_w - end) * s->depth, run = (end - begin) * s->depth;
  uint32_t first = (uint32_t)(x0 + (int32_t)(begin * p->dilation_w)) * s->in_c;
  for (uint32_t ky = p->kernel_h; ky > 0; ky--, y += p->dilation_h) {
    if (y < 0 || y >= (int32_t)s->in_h) {
      j = push_zeros(j, s->zeros, before + run + behind);
      continue;
    }
    j = push_zeros(j, s->zeros, before);
    const int8_t *from = s->x + ((uint32_t)y * s->in_w * s->in_c + first);
    if (s->solid) {
      j = push(j, from, run);
    } else {
      for (uint32_t kx = begin; kx < end; kx++, from += p->dilation_w * s->in_c) j = push(j, from, s->depth);
    }
    j = push_zeros(j, s->zeros, behind);
  }
  if (j.bits != 0) ht_column_put(j.at, j.pending); /* the weights there are 0 */
}

static inline void store(const ht_conv *p, const ht_channel *c, const uint32_t *acc, uint32_t count, int8_t *to, uint32_t step) {
  int32_t multiplier = c->multiplier, zero = p->output_zero, min = p->min, max = p->max;
  uint32_t shift = (uint32_t)c->shift_sum & 0xffu;
  if (__builtin_expect(shift > 32u, 1)) {
    uint32_t n = shift - 32u;
    for (uint32_t i = 0; i < count; i++, to += step) *to = (int8_t)ht_clamp(ht_scale_near((int32_t)acc[i], multiplier, n) + zero, min, max);
    return;
  }
  for (uint32_t i = 0; i < count; i++, to += step) *to = (int8_t)ht_clamp(ht_scale_far((int32_t)acc[i], multiplier, shift) + zero, min, max);
}

/* All outputs of a group at the positions in the columns. out is the first position's first output of the group. */
static __attribute__((noinline)) void multiply(const sink *s, const int8_t *w, const ht_channel *channel, const void *columns, uint32_t count, int8_t *out) {
  uint32_t acc[ht_block_rows * ht_block_columns];
  for (uint32_t row = 0; row < s->rows; row += ht_block_rows, channel += ht_block_rows, out += ht_block_rows) {
    int pair = ht_block_rows == 2 && row + 1u < s->rows;
    for (uint32_t r = 0; r < ht_block_rows; r++) {
      const ht_channel *c = &channel[pair ? r : 0]; /* the second row may be one of padding */
      uint32_t bias = (uint32_t)c->bias - ht_column_offset * (uint32_t)(c->shift_sum >> 8);
      for (uint32_t i = 0; i < ht_block_columns; i++) acc[r * ht_block_columns + i] = bias;
    }
    ht_conv_block(w, columns, s->k4 / 4u, acc);
    w += (row & 3u) + ht_block_rows == 4u ? 4u * s->k4 - 4u * (row & 3u) : 4u * ht_block_rows;
    if (__builtin_expect(count == ht_block_columns, 1)) { /* a constant: unrolled */
      store(s->p, channel, acc, ht_block_columns, out, s->out_c);
      if (pair) store(s->p, channel + 1, acc + ht_block_columns, ht_block_columns, out + 1, s->out_c);
    } else {
      store(s->p, channel, acc, count, out, s->out_c);
      if (pair) store(s->p, channel + 1, acc + ht_block_columns, count, out + 1, s->out_c);
    }
  }
}

void ht_run_conv(const ht_model *model, const ht_op *op) {
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  const ht_conv *p = ht_params(model, op);
  const int8_t *weights = ht_read(model, ht_in(model, op, 1));
  const ht_channel *channels = ht_read(model, ht_in(model, op, 2));
  void *columns = model->arena + op->scratch_at;
  source s = {p, ht_read(model, x), x->dims[1], x->dims[2], x->dims[3], x->dims[3] / p->groups, (uint8_t)p->input_zero * 0x01010101u, 0};
  s.solid = p->dilation_w == 1 && s.depth == s.in_c;
  sink to = {p, ht_up4(p->kernel_h * p->kernel_w * s.depth), y->dims[3] / p->groups, y->dims[3]};
  uint32_t positions = y->dims[1] * y->dims[2];
  const int8_t *image = s.x;
  int8_t *out = ht_write(model, y);
  for (uint32_t n = 0; n < y->dims[0]; n++, image += s.in_h * s.in_w * s.in_c, out += positions * to.out_c) {
    for (uint32_t group = 0; group < p->groups; group++) {
      int32_t iy = -(int32_t)p->pad_top, ix = -(int32_t)p->pad_left;
      uint32_t ox = 0;
      s.x = image + group * s.depth;
      for (uint32_t at = 0; at < positions; at += ht_block_columns) {
        uint32_t count = positions - at < ht_block_columns ? positions - at : ht_block_columns;
        for (uint32_t i = 0; i < count; i++) {
          if (s.depth % 4u == 0)
            gather_words(&s, iy, ix, ht_column(columns, i));
          else
            gather_bytes(&s, iy, ix, ht_column(columns, i));
          ix += p->stride_w;
          if (++ox < y->dims[2]) continue;
          ox = 0;
          ix = -(int32_t)p->pad_left;
          iy += p->stride_h;
        }
        multiply(&to, weights + group * ht_up4(to.rows) * to.k4, channels + group * to.rows, columns, count, out + at * to.out_c + group * to.rows);
      }
    }
  }
}
