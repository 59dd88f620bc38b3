/* Depthwise convolution: no products are shared between channels, so columns do not pay; four channels go side by side instead. */
#include "kernels.h"
#include "requantize.h"
#include "window.h"

typedef struct {
  const ht_conv *p;
  const int8_t *x; /* of this image */
  uint32_t in_h, in_w, in_c, out_c;
} source;

/* acc += weights of four channels times their inputs. */
static inline void four_channels(uint32_t acc[4], uint32_t w, uint32_t x) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t w02, w13, x02, x13;
  __asm__("sxtb16 %0, %1" : "=r"(w02) : "r"(w));
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(w13) : "r"(w));
  __asm__("sxtb16 %0, %1" : "=r"(x02) : "r"(x));
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(x13) : "r"(x));
  __asm__("smlabb %0, %1, %2, %0" : "+r"(acc[0]) : "r"(w02), "r"(x02));
  __asm__("smlabb %0, %1, %2, %0" : "+r"(acc[1]) : "r"(w13), "r"(x13));
  __asm__("smlatt %0, %1, %2, %0" : "+r"(acc[2]) : "r"(w02), "r"(x02));
  __asm__("smlatt %0, %1, %2, %0" : "+r"(acc[3]) : "r"(w13), "r"(x13));
#else
  acc[0] += (uint32_t)((int8_t)w * (int8_t)x);
  acc[1] += (uint32_t)((int8_t)(w >> 8) * (int8_t)(x >> 8));
  acc[2] += (uint32_t)((int8_t)(w >> 16) * (int8_t)(x >> 16));
  acc[3] += (uint32_t)((int8_t)(w >> 24) * (int8_t)(x >> 24));
#endif
}

static inline int8_t finish(const ht_conv *p, uint32_t acc, const ht_channel *c) {
  return ht_requantize((int32_t)acc, c->multiplier, (uint32_t)c->shift_sum & 0xffu, p->output_zero, p->min, p->max);
}

static inline void finish_four(const ht_conv *p, const uint32_t acc[4], const ht_channel *c, int8_t *out) {
  int32_t zero = p->output_zero, min = p->min, max = p->max;
#pragma GCC unroll 4
  for (uint32_t i = 0; i < 4; i++)
    out[i] = ht_requantize((int32_t)acc[i], c[i].multiplier, (uint32_t)c[i].shift_sum & 0xffu, zero, min, max);
}

/* Where a window lies: its first tap, perhaps outside the input, and which of its taps are inside. */
typedef struct {
  int32_t y, x;
  uint32_t y_begin, y_end, x_begin, x_end;
} window;

/* Three neighbouring taps; steps in words. */
static inline void three_taps(uint32_t acc[4], const ht_word *w, uint32_t w_step, const ht_word *x, uint32_t x_step) {
#if defined(__ARM_FEATURE_DSP)
/* In one piece: left to itself the compiler loads everything first, and then has no registers. */
#define TAP()                               \
  "sxtb16 %[w02], %[w13]\n\t"               \
  "sxtb16 %[w13], %[w13], ror #8\n\t"       \
  "sxtb16 %[x02], %[x13]\n\t"               \
  "sxtb16 %[x13], %[x13], ror #8\n\t"       \
  "smlabb %[a0], %[w02], %[x02], %[a0]\n\t" \
  "smlatt %[a2], %[w02], %[x02], %[a2]\n\t" \
  "smlabb %[a1], %[w13], %[x13], %[a1]\n\t" \
  "smlatt %[a3], %[w13], %[x13], %[a3]\n\t"
  uint32_t w02, w13, x02, x13;
  __asm__ volatile(
      "ldr %[w13], [%[w]]\n\t"
      "ldr %[x13], [%[x]]\n\t" TAP() "ldr %[w13], [%[w], %[ws]]\n\t"
      "ldr %[x13], [%[x], %[xs]]\n\t" TAP() "ldr %[w13], [%[w], %[ws], lsl #1]\n\t"
      "ldr %[x13], [%[x], %[xs], lsl #1]\n\t" TAP()
      : [a0] "+r"(acc[0]), [a1] "+r"(acc[1]), [a2] "+r"(acc[2]), [a3] "+r"(acc[3]), [w02] "=&r"(w02), [w13] "=&r"(w13), [x02] "=&r"(x02), [x13] "=&r"(x13)
      : [w] "r"(w), [x] "r"(x), [ws] "r"(4u * w_step), [xs] "r"(4u * x_step)
      : "memory");
#undef TAP
#else
  for (uint32_t i = 0; i < 3; i++, w += w_step, x += x_step) four_channels(acc, *w, *x);
#endif
}

/* As many channels in as out, a multiple of four, everything aligned: in words of four channels from here on. */
static inline void bias_of(uint32_t acc[4], const ht_channel *c) {
#pragma GCC unroll 4
  for (uint32_t i = 0; i < 4; i++) acc[i] = (uint32_t)c[i].bias;
}

/* 3 x 3, all of it inside: no loops within a channel. */
static __attribute__((noinline)) void whole_3x3(const source *s, const ht_word *x, const ht_word *w, const ht_channel *channel, int8_t *out) {
  const ht_conv *p = s->p;
  uint32_t words = s->in_c / 4u, step = p->dilation_w * words, line = p->dilation_h * s->in_w * words;
  for (uint32_t c = words; c > 0; c--, x++, w++, channel += 4, out += 4) {
    uint32_t acc[4];
    const ht_word *from = x, *weight = w;
    bias_of(acc, channel);
    for (uint32_t ky = 3; ky > 0; ky--, from += line, weight += 3u * words) three_taps(acc, weight, words, from, step);
    finish_four(p, acc, channel, out);
  }
}

static inline const ht_word *outside(uint32_t acc[4], const ht_word *weight, uint32_t words, uint32_t zeros, uint32_t taps) {
  for (; taps > 0; taps--, weight += words) four_channels(acc, *weight, zeros);
  return weight;
}

static __attribute__((noinline)) void any_window(const source *s, const window *at, const ht_word *w, const ht_channel *channel, int8_t *out) {
  const ht_conv *p = s->p;
  uint32_t words = s->in_c / 4u, step = p->dilation_w * words, line = p->dilation_h * s->in_w * words;
  uint32_t zeros = (uint32_t)(uint8_t)p->input_zero * 0x01010101u;
  /* Where no tap is inside, nothing is read. */
  const ht_word *x = (const ht_word *)(const void *)s->x;
  uint32_t first = (((uint32_t)at->y + at->y_begin * p->dilation_h) * s->in_w + (uint32_t)at->x + at->x_begin * p->dilation_w) * words;
  for (uint32_t c = 0; c < words; c++, w++, channel += 4, out += 4) {
    uint32_t acc[4], row = first + c;
    const ht_word *weight = w;
    bias_of(acc, channel);
    weight = outside(acc, weight, words, zeros, at->y_begin * p->kernel_w);
    for (uint32_t ky = at->y_begin; ky < at->y_end; ky++, row += line) {
      uint32_t from = row;
      weight = outside(acc, weight, words, zeros, at->x_begin);
      for (uint32_t kx = at->x_begin; kx < at->x_end; kx++, from += step, weight += words) four_channels(acc, *weight, x[from]);
      weight = outside(acc, weight, words, zeros, p->kernel_w - at->x_end);
    }
    outside(acc, weight, words, zeros, (p->kernel_h - at->y_end) * p->kernel_w);
    finish_four(p, acc, channel, out);
  }
}

/* Any number of channels, and more than one output for each. */
static void position_narrow(const source *s, const window *at, const int8_t *w, const ht_channel *channels, int8_t *out) {
  const ht_conv *p = s->p;
  uint32_t multiplier = s->out_c / s->in_c, turn = 0, c = 0;
  for (uint32_t o = 0; o < s->out_c; o++) {
    uint32_t acc = (uint32_t)channels[o].bias;
    const int8_t *weight = w + o;
    int32_t iy = at->y;
    for (uint32_t ky = p->kernel_h; ky > 0; ky--, iy += p->dilation_h) {
      int32_t ix = at->x;
      int live = iy >= 0 && iy < (int32_t)s->in_h;
      for (uint32_t kx = p->kernel_w; kx > 0; kx--, weight += s->out_c, ix += p->dilation_w) {
        int32_t x = p->input_zero;
        if (live && (uint32_t)ix < s->in_w) x = s->x[((uint32_t)iy * s->in_w + (uint32_t)ix) * s->in_c + c];
        acc += (uint32_t)(*weight * x);
      }
    }
    out[o] = finish(p, acc, &channels[o]);
    if (++turn == multiplier) turn = 0, c++;
  }
}

void ht_run_depthwise(const ht_model *model, const ht_op *op) {
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  const ht_conv *p = ht_params(model, op);
  const int8_t *w = ht_read(model, ht_in(model, op, 1));
  const ht_word *words = (const ht_word *)(const void *)w;
  const ht_channel *channels = ht_read(model, ht_in(model, op, 2));
  source s = {p, ht_read(model, x), x->dims[1], x->dims[2], x->dims[3], y->dims[3]};
  int8_t *out = ht_write(model, y);
  int wide = s.in_c == s.out_c && s.in_c % 4u == 0, three = p->kernel_h == 3 && p->kernel_w == 3;
  for (uint32_t n = 0; n < y->dims[0]; n++, s.x += s.in_h * s.in_w * s.in_c) {
    window at = {.y = -(int32_t)p->pad_top};
    for (uint32_t oy = 0; oy < y->dims[1]; oy++, at.y += p->stride_h) {
      ht_inside(at.y, p->dilation_h, p->kernel_h, s.in_h, &at.y_begin, &at.y_end);
      at.x = -(int32_t)p->pad_left;
      for (uint32_t ox = 0; ox < y->dims[2]; ox++, at.x += p->stride_w, out += s.out_c) {
        ht_inside(at.x, p->dilation_w, p->kernel_w, s.in_w, &at.x_begin, &at.x_end);
        if (!wide)
          position_narrow(&s, &at, w, channels, out);
        else if (three && at.y_end - at.y_begin == 3 && at.x_end - at.x_begin == 3)
          whole_3x3(&s, (const ht_word *)(const void *)(s.x + ((uint32_t)at.y * s.in_w + (uint32_t)at.x) * s.in_c), words, channels, out);
        else
          any_window(&s, &at, words, channels, out);
      }
    }
  }
}
