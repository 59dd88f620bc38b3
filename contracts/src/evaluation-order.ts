import { mulberry32 } from './random.js';

/**
 * First `count` items of a fixed pseudo-random order of `total` items (Fisher-Yates by mulberry32, seeded by `total`): which
 * items a device evaluates that is too slow for all. It depends on the number of items alone, and fewer items are the beginning
 * of more: any two evaluations share all items of the shorter, and a file sorted by class is no trap.
 */
export function evaluationOrder(total: number, count = total): Uint32Array {
  const random = mulberry32(total);
  const order = new Uint32Array(Math.min(count, total));
  // Only what was swapped away is kept: a few items of ten million cost a few entries.
  const moved = new Map<number, number>();
  for (let i = 0; i < order.length; i++) {
    const j = i + Math.floor(random() * (total - i));
    order[i] = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    moved.delete(i);
  }
  return order;
}
