import { kMeans } from './k-means.js';

/** The values that clustered weights may take, in units of their channel's scale. */
export interface Codebook {
  /** Rising; every one a float32. */
  readonly values: Float64Array;
  /** Bits an index costs an entropy coder, by how often it occurred. */
  readonly bits: Float64Array;
  /** Mean square of the values it was made for: the unit of a price for bits. */
  readonly power: number;
}

export interface CodebookOptions {
  readonly clusters: number;
  /** Zero is one of the values, exactly. */
  readonly zero: boolean;
  /** Squared error, in units of the values' mean square, that one bit is worth. */
  readonly bitPrice: number;
}

/** Rounds in which values and their bits are fitted to each other; changes after that are in the fourth digit. */
const rounds = 12;

/**
 * The best codebook for values whose errors count by `weights`. With a price for bits it is an entropy-constrained quantizer (Chou,
 * Lookabaugh and Gray 1989): rare values are drawn to frequent ones, which costs little and compresses well.
 */
export function fitCodebook(values: Float64Array, weights: Float64Array, options: CodebookOptions): Codebook {
  const { clusters, zero, bitPrice } = options;
  const moving = zero ? values.map((_, i) => i).filter((i) => values[i] !== 0) : undefined;
  const found = moving
    ? kMeans(
        moving.map((i) => values[i]!),
        clusters - 1,
        moving.map((i) => weights[i]!),
      )
    : kMeans(values, clusters, weights);
  let centres = Float64Array.from(new Set([...found, ...(zero ? [0] : [])].map(Math.fround))).sort();
  let squares = 0;
  let total = 0;
  values.forEach((v, i) => {
    squares += weights[i]! * v * v;
    total += weights[i]!;
  });
  const power = total > 0 ? squares / total : 0;
  const price = bitPrice * power;
  const start: Codebook = { values: centres, bits: new Float64Array(centres.length), power };
  let book = counted(values, start, weights, 0);
  if (price === 0) return book;
  for (let round = 0; round < rounds; round++) {
    const sums = new Float64Array(centres.length);
    const counts = new Float64Array(centres.length);
    values.forEach((v, i) => {
      const k = indexOf(book, v, price / Math.max(weights[i]!, 1e-12));
      sums[k] = sums[k]! + weights[i]! * v;
      counts[k] = counts[k]! + weights[i]!;
    });
    // A value nobody takes any more is dropped: its bits would grow without end.
    const kept = [...centres.keys()].filter((k) => counts[k]! > 0 || (zero && centres[k] === 0));
    centres = Float64Array.from(kept, (k) =>
      zero && centres[k] === 0 ? 0 : Math.fround(sums[k]! / Math.max(counts[k]!, Number.MIN_VALUE)),
    );
    book = counted(
      values,
      { values: centres, bits: Float64Array.from(kept, (k) => book.bits[k]!), power },
      weights,
      price,
    );
  }
  return book;
}

/** Index of the value that costs least: squared distance and `price` for each bit. */
export function indexOf({ values, bits }: Pick<Codebook, 'values' | 'bits'>, value: number, price: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (values[middle]! + values[middle + 1]!) / 2) high = middle;
    else low = middle + 1;
  }
  if (price === 0) return low;
  let best = low;
  let least = (value - values[low]!) ** 2 + price * bits[low]!;
  // Outwards from the nearest until the distance alone costs more.
  for (const step of [-1, 1]) {
    for (let k = low + step; k >= 0 && k < values.length; k += step) {
      const distance = (value - values[k]!) ** 2;
      if (distance >= least) break;
      const cost = distance + price * bits[k]!;
      if (cost < least) {
        least = cost;
        best = k;
      }
    }
  }
  return best;
}

/** The codebook with bits as its values are used now. */
function counted(values: Float64Array, book: Codebook, weights: Float64Array, price: number): Codebook {
  const counts = new Float64Array(book.values.length);
  values.forEach((v, i) => {
    const k = indexOf(book, v, price === 0 ? 0 : price / Math.max(weights[i]!, 1e-12));
    counts[k] = counts[k]! + 1;
  });
  // Half a count for a value that was not used, so that it may come back.
  return { ...book, bits: counts.map((c) => Math.log2(values.length / Math.max(c, 0.5))) };
}
