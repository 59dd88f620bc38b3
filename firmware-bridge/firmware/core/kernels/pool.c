/* Pools. Padding never takes part: a maximum skips it, an average counts it in its scale or not at all. */
#include "kernels.h"
#include "requantize.h"

/* The part of a window inside the input. */
typedef struct {
  const int8_t *from; /* channel 0 of its first position */
  uint32_t h, w;
} window;

static window clip(const ht_pool *p, const ht_tensor *x, const int8_t *image, uint32_t oy, uint32_t ox) {
  int32_t y0 = (int32_t)(oy * p->stride_h) - (int32_t)p->pad_top, x0 = (int32_t)(ox * p->stride_w) - (int32_t)p->pad_left;
  int32_t y1 = y0 + p->kernel_h, x1 = x0 + p->kernel_w;
  if (y1 > (int32_t)x->dims[1]) y1 = (int32_t)x->dims[1];
  if (x1 > (int32_t)x->dims[2]) x1 = (int32_t)x->dims[2];
  if (y0 < 0) y0 = 0;
  if (x0 < 0) x0 = 0;
  return (window){image + ((uint32_t)y0 * x->dims[2] + (uint32_t)x0) * x->dims[3], (uint32_t)(y1 - y0), (uint32_t)(x1 - x0)};
}

/* Channel by channel, and for each the taps: a window's sum stays in a register. */
static inline int32_t maximum(const int8_t *from, const window *at, uint32_t step, uint32_t line) {
  int32_t best = -128;
  for (uint32_t h = at->h; h > 0; h--, from += line) {
    const int8_t *x = from;
    for (uint32_t w = at->w; w > 0; w--, x += step)
      if (*x > best) best = *x;
  }
  return best;
}

static inline int32_t sum(const int8_t *from, const window *at, uint32_t step, uint32_t line) {
  int32_t total = 0;
  for (uint32_t h = at->h; h > 0; h--, from += line) {
    const int8_t *x = from;
    for (uint32_t w = at->w; w > 0; w--, x += step) total += *x;
  }
  return total;
}

static void pool(const ht_model *model, const ht_op *op, const ht_scale *scales) {
  const ht_pool *p = ht_params(model, op);
  const ht_tensor *x = ht_in(model, op, 0), *y = ht_out(model, op);
  const int8_t *image = ht_read(model, x);
  int8_t *out = ht_write(model, y);
  uint32_t step = x->dims[3], line = x->dims[2] * step;
  for (uint32_t n = 0; n < y->dims[0]; n++, image += x->dims[1] * line)
    for (uint32_t oy = 0; oy < y->dims[1]; oy++)
      for (uint32_t ox = 0; ox < y->dims[2]; ox++) {
        window at = clip(p, x, image, oy, ox);
        uint32_t taps = at.h * at.w;
        if (scales == 0) {
          for (uint32_t c = 0; c < step; c++) *out++ = (int8_t)ht_clamp(maximum(at.from + c, &at, step, line), p->min, p->max);
          continue;
        }
        const ht_scale *scale = p->scale_count > 1 ? &scales[taps - 1] : scales;
        int32_t offset = p->input_zero * (int32_t)taps;
        for (uint32_t c = 0; c < step; c++)
          *out++ = ht_requantize(sum(at.from + c, &at, step, line) - offset, scale->multiplier, (uint32_t)scale->shift, p->output_zero, p->min, p->max);
      }
}

void ht_run_max_pool(const ht_model *model, const ht_op *op) { pool(model, op, 0); }

void ht_run_average_pool(const ht_model *model, const ht_op *op) {
  const ht_pool *p = ht_params(model, op);
  pool(model, op, (const ht_scale *)(const void *)(model->data + p->scales_at));
}
