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
  const { tensor, geometry, perItem, target, groups = 1, centre } = request;
  let sums: GramSums | undefined;
  return {
    tensors: tensorsOf(request),
    passes: 1,
    async add(_pass, [input, wanted, minus], items, from) {
      if (!input) return;
      const rowsOfItems = geometry === 'last-axis' ? lastAxis(input, items) : windows(input, items, geometry);
      if (!rowsOfItems) return;
      const { columns, positions, read } = rowsOfItems;
      const targets = target ? target.channels.length : 0;
      sums ??= new GramSums(columns, targets, { groups, centre: centre === true }, product);
      const value = geometry === 'last-axis' ? valueOfRow : valueAt;
      for (let n = 0; n < items; n++) {
        for (const position of samplePositions(from + n, positions, perItem)) {
          const at = sums.nextRow();
          read(n, position, sums.x, at * columns);
          if (!target || !wanted) continue;
          for (let k = 0; k < targets; k++)
            sums.y[at * targets + k] =
              value(wanted, n, target.channels[k]!, position, positions) -
              (minus ? value(minus, n, k, position, positions) : 0);
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
  /** What rows are taken about. */
  private offset: Float32Array | undefined;
  private targetOffset: Float32Array | undefined;
  private rows = 0;
  private readonly gram: Float64Array;
  private readonly cross: Float64Array;
  private readonly sums: Float64Array;
  private readonly targetSums: Float64Array;

  constructor(
    private readonly columns: number,
    private readonly targets: number,
    private readonly options: { readonly groups: number; readonly centre: boolean },
    private readonly product: TransposedProduct,
  ) {
    this.x = new Float32Array(chunk * columns);
    this.y = new Float32Array(chunk * targets);
    this.gram = new Float64Array((columns * columns) / options.groups);
    this.cross = new Float64Array((columns * targets) / options.groups);
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
    const { groups, centre } = this.options;
    if (centre) {
      this.offset ??= meanOf(x, this.columns);
      this.targetOffset ??= meanOf(y, this.targets);
      subtract(x, this.offset);
      subtract(y, this.targetOffset);
    }
    if (groups > 1) {
      addGroups(this.gram, x, x, rows, groups);
      if (this.targets > 0) addGroups(this.cross, x, y, rows, groups);
    } else {
      addTo(this.gram, await this.product(x, x, rows));
      if (this.targets > 0) addTo(this.cross, await this.product(x, y, rows));
    }
    addColumns(this.sums, x);
    addColumns(this.targetSums, y);
    this.rows += rows;
    this.waiting = 0;
    x.fill(0);
  }

  result(tensor: string): GramStatistic {
    const { rows, columns, targets, gram, sums, cross, targetSums, offset, targetOffset } = this;
    if (offset && targetOffset) {
      putBack(gram, { rows, groups: this.options.groups, a: sums, b: sums, offsetA: offset, offsetB: offset });
      putBack(cross, {
        rows,
        groups: this.options.groups,
        a: sums,
        b: targetSums,
        offsetA: offset,
        offsetB: targetOffset,
      });
      offset.forEach((o, i) => {
        sums[i] = sums[i]! + rows * o;
      });
      targetOffset.forEach((o, i) => {
        targetSums[i] = targetSums[i]! + rows * o;
      });
      this.offset = undefined;
    }
    return { kind: 'gram', tensor, rows, columns, targets, gram, sums, cross, targetSums };
  }
}

function addTo(sum: Float64Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + more[i]!;
}

/** Adds A_g^T B_g of each group g of columns: groups are small and many, too small for matrix products of their own. */
function addGroups(sum: Float64Array, a: Float32Array, b: Float32Array, rows: number, groups: number): void {
  const [n, m] = [a.length / rows, b.length / rows];
  const [width, height] = [m / groups, n / groups];
  for (let r = 0; r < rows; r++) {
    for (let i = 0, at = 0; i < n; i++) {
      const value = a[r * n + i]!;
      const start = r * m + Math.floor(i / height) * width;
      for (let j = start; j < start + width; j++, at++) sum[at] = sum[at]! + value * b[j]!;
    }
  }
}

/** Turns sums of products of (a - offsetA) and (b - offsetB) into those of a and b. `a` and `b` are the sums of the differences. */
function putBack(
  products: Float64Array,
  of: { rows: number; groups: number; a: Float64Array; b: Float64Array; offsetA: Float32Array; offsetB: Float32Array },
): void {
  const { rows, groups, a, b, offsetA, offsetB } = of;
  const [height, width] = [a.length / groups, b.length / groups];
  for (let i = 0, at = 0; i < a.length; i++) {
    const start = Math.floor(i / height) * width;
    for (let j = start; j < start + width; j++, at++)
      products[at] = products[at]! + offsetA[i]! * b[j]! + a[i]! * offsetB[j]! + rows * offsetA[i]! * offsetB[j]!;
  }
}

function meanOf(rows: Float32Array, columns: number): Float32Array {
  const sum = new Float64Array(columns);
  addColumns(sum, rows);
  return Float32Array.from(sum, (s) => (s * columns) / rows.length);
}

function subtract(rows: Float32Array, offset: Float32Array): void {
  for (let i = 0, c = 0; i < rows.length; i++, c = c + 1 === offset.length ? 0 : c + 1) rows[i] = rows[i]! - offset[c]!;
}

function addColumns(sum: Float64Array, rows: Float32Array): void {
  for (let i = 0, c = 0; i < rows.length; i++, c = c + 1 === sum.length ? 0 : c + 1) sum[c] = sum[c]! + rows[i]!;
}

/** How the rows of one batch are read. */
interface BatchRows {
  readonly columns: number;
  /** Rows of one item. */
  readonly positions: number;
  read(item: number, position: number, into: Float32Array, start: number): void;
}

/** Undefined where axis 0 is not the items' own. */
function windows(input: BatchTensor, items: number, geometry: Window): BatchRows | undefined {
  if (input.dims[0] !== items) return undefined;
  const shape = windowShape(input.dims, geometry);
  return { ...shape, read: (n, position, into, start) => readWindow(input, shape, geometry, n, position, into, start) };
}

/** Undefined where the rows cannot be shared out among the items. */
function lastAxis({ data, dims }: BatchTensor, items: number): BatchRows | undefined {
  const columns = dims.at(-1) ?? 1;
  const positions = data.length / columns / items;
  if (!Number.isInteger(positions)) return undefined;
  return {
    columns,
    positions,
    read(n, position, into, start) {
      const from = (n * positions + position) * columns;
      into.set(data.subarray(from, from + columns), start);
    },
  };
}

const valueOfRow = ({ data, dims }: BatchTensor, n: number, channel: number, row: number, rows: number): number =>
  data[(n * rows + row) * (dims.at(-1) ?? 1) + channel]!;

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
  const row = n * dims[1]! + channel;
  return data[row * (data.length / (dims[0]! * dims[1]!)) + position]!;
}
