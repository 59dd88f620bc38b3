import { type GramStatistic, type StatisticRequest, tensorsOf, type Window } from './host-messages.js';
import type { BatchTensor, Fold, TransposedProduct } from './host-statistics.js';

/**
 * Positions of one item: a fixed pseudo-random choice that depends on the item and on the number of positions alone, so that
 * two tensors of one size, even of two models, are read at the same places.
 */
export function samplePositions(item: number, positions: number, perItem: number): number[] {
  if (positions <= perItem) return Array.from({ length: positions }, (_, i) => i);
  const chosen: number[] = [];
  for (let i = 0; i < perItem; i++) {
    // One position out of each of `perItem` equal stretches, by an integer hash (murmur3's finaliser).
    const from = Math.floor((i * positions) / perItem);
    const to = Math.floor(((i + 1) * positions) / perItem);
    let h = Math.imul(item + 1, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    chosen.push(from + (((h ^ (h >>> 16)) >>> 0) % (to - from)));
  }
  return chosen;
}

/** Rows multiplied at once: enough to keep a matrix product busy, few enough to stay small. */
const chunk = 2048;

type GramRequest = Extract<StatisticRequest, { kind: 'gram' }>;

export function gramFold(request: GramRequest, product: TransposedProduct): Fold {
  const { tensor, geometry, perItem, target } = request;
  let sums: GramSums | undefined;
  return {
    tensors: tensorsOf(request),
    passes: 1,
    async add(_pass, [input, wanted, minus], items, from) {
      if (!input) return;
      const shape = windowShape(input.dims, geometry);
      const targets = target ? target.channels.length : 0;
      sums ??= new GramSums(shape.columns, targets, product);
      for (let n = 0; n < items; n++) {
        for (const position of samplePositions(from + n, shape.positions, perItem)) {
          const at = sums.nextRow();
          readWindow(input, shape, geometry, n, position, sums.x, at * shape.columns);
          if (!target || !wanted) continue;
          for (let k = 0; k < targets; k++) {
            const value =
              valueAt(wanted, n, target.channels[k]!, position) - (minus ? valueAt(minus, n, k, position) : 0);
            sums.y[at * targets + k] = value;
          }
        }
        if (sums.full) await sums.flush();
      }
    },
    async result() {
      await sums?.flush();
      return sums
        ? sums.result(tensor)
        : {
            kind: 'gram',
            tensor,
            rows: 0,
            columns: 0,
            targets: 0,
            gram: new Float64Array(0),
            sums: new Float64Array(0),
            cross: new Float64Array(0),
            targetSums: new Float64Array(0),
          };
    },
  };
}

/** Rows wait until a chunk is full; sums are kept in double precision. */
class GramSums {
  x: Float32Array;
  y: Float32Array;
  private waiting = 0;
  private rows = 0;
  private readonly gram: Float64Array;
  private readonly cross: Float64Array;
  private readonly sums: Float64Array;
  private readonly targetSums: Float64Array;

  constructor(
    private readonly columns: number,
    private readonly targets: number,
    private readonly product: TransposedProduct,
  ) {
    this.x = new Float32Array(chunk * columns);
    this.y = new Float32Array(chunk * targets);
    this.gram = new Float64Array(columns * columns);
    this.cross = new Float64Array(columns * targets);
    this.sums = new Float64Array(columns);
    this.targetSums = new Float64Array(targets);
  }

  get full(): boolean {
    return this.waiting >= chunk / 2;
  }

  /** Index of a new, zeroed row. */
  nextRow(): number {
    if ((this.waiting + 1) * this.columns > this.x.length) {
      // One item has more positions than half a chunk.
      const [x, y] = [new Float32Array(this.x.length * 2), new Float32Array(this.y.length * 2)];
      x.set(this.x);
      y.set(this.y);
      this.x = x;
      this.y = y;
    }
    return this.waiting++;
  }

  async flush(): Promise<void> {
    const rows = this.waiting;
    if (rows === 0) return;
    const x = this.x.subarray(0, rows * this.columns);
    const y = this.y.subarray(0, rows * this.targets);
    addTo(this.gram, await this.product(x, x, rows));
    if (this.targets > 0) addTo(this.cross, await this.product(x, y, rows));
    addColumns(this.sums, x);
    addColumns(this.targetSums, y);
    this.rows += rows;
    this.waiting = 0;
    x.fill(0);
  }

  result(tensor: string): GramStatistic {
    const { rows, columns, targets, gram, sums, cross, targetSums } = this;
    return { kind: 'gram', tensor, rows, columns, targets, gram, sums, cross, targetSums };
  }
}

function addTo(sum: Float64Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + more[i]!;
}

function addColumns(sum: Float64Array, rows: Float32Array): void {
  for (let i = 0, c = 0; i < rows.length; i++, c = c + 1 === sum.length ? 0 : c + 1) sum[c] = sum[c]! + rows[i]!;
}

interface WindowShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outWidth: number;
  readonly positions: number;
  readonly columns: number;
}

function windowShape(dims: readonly number[], { kernel, strides, pads, dilations }: Window): WindowShape {
  const [channels = 1, height = 1, width = 1] = dims.slice(1);
  const outHeight = Math.floor((height + pads[0] + pads[2] - dilations[0] * (kernel[0] - 1) - 1) / strides[0]) + 1;
  const outWidth = Math.floor((width + pads[1] + pads[3] - dilations[1] * (kernel[1] - 1) - 1) / strides[1]) + 1;
  return {
    channels,
    height,
    width,
    outWidth,
    positions: outHeight * outWidth,
    columns: channels * kernel[0] * kernel[1],
  };
}

/** Writes the window at an output position of item `n`; what lies in the padding stays zero. */
function readWindow(
  input: BatchTensor,
  shape: WindowShape,
  { kernel, strides, pads, dilations }: Window,
  n: number,
  position: number,
  into: Float32Array,
  start: number,
): void {
  const { channels, height, width, outWidth } = shape;
  const y0 = Math.floor(position / outWidth) * strides[0] - pads[0];
  const x0 = (position % outWidth) * strides[1] - pads[1];
  let at = start;
  for (let c = 0; c < channels; c++) {
    const plane = (n * channels + c) * height * width;
    for (let i = 0; i < kernel[0]; i++) {
      const y = y0 + i * dilations[0];
      for (let j = 0; j < kernel[1]; j++, at++) {
        const x = x0 + j * dilations[1];
        if (y >= 0 && y < height && x >= 0 && x < width) into[at] = input.data[plane + y * width + x]!;
      }
    }
  }
}

function valueAt({ data, dims }: BatchTensor, n: number, channel: number, position: number): number {
  const behind = dims.slice(2).reduce((p, d) => p * d, 1);
  return data[(n * dims[1]! + channel) * behind + position]!;
}
