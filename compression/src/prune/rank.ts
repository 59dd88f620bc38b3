import { invertSymmetric } from '../linear-algebra.js';
import type { ChannelMap } from './channels.js';

/** A weighted node that reads prunable channels. */
export interface Reader {
  /** Class root of each channel it reads. */
  readonly roots: readonly number[];
  /** Its weight as rows x channels: row m of channel c is `weight[m * channels + c]`. */
  readonly weight: Float64Array;
  readonly rows: number;
  /** Covariance of the channels it reads on calibration data, channels x channels. */
  readonly covariance: Float64Array;
}

/** Groups the classes that may be removed by the nodes that make them. */
export function familiesOf(map: ChannelMap): Map<string, number[]> {
  const makers = new Map<number, Set<number>>();
  map.producers.forEach(({ channels }, i) => {
    for (const channel of channels) {
      const root = map.root(channel);
      if (map.locked(root)) continue;
      const list = makers.get(root);
      if (list) list.add(i);
      else makers.set(root, new Set([i]));
    }
  });
  const families = new Map<string, number[]>();
  for (const [root, nodes] of makers) {
    const key = [...nodes].sort((a, b) => a - b).join('+');
    const list = families.get(key);
    if (list) list.push(root);
    else families.set(key, [root]);
  }
  return families;
}

/** Share of the mean variance added to each variance: keeps nearly dead channels from looking indispensable. */
const ridge = 1e-3;

/**
 * The `count` classes that are best removed, by what that does to the nodes that read them: the share of their output's variance
 * that is lost although the channels that stay are refitted as well as they can be (the structured form of Optimal Brain
 * Surgeon). One after the other, because the first of two alike channels costs nothing and the second everything.
 */
export function chooseByReconstruction(
  classes: readonly number[],
  readers: readonly Reader[],
  count: number,
): number[] {
  const concerned = readers
    .filter((reader) => reader.roots.some((root) => classes.includes(root)))
    .map((reader) => new ReaderState(reader));
  const alive = new Set(classes);
  const chosen: number[] = [];
  while (chosen.length < count) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const root of alive) {
      const cost = concerned.reduce((sum, state) => sum + state.cost(root), 0);
      if (best < 0 || cost < least) {
        least = cost;
        best = root;
      }
    }
    alive.delete(best);
    for (const state of concerned) state.remove(best);
    chosen.push(best);
  }
  return chosen;
}

/** The `count` classes with the smallest norms. */
export function chooseByNorm(classes: readonly number[], norms: ReadonlyMap<number, number>, count: number): number[] {
  return [...classes].sort((a, b) => norms.get(a)! - norms.get(b)! || a - b).slice(0, count);
}

/** One reader while channels are taken from it: inverse covariance and refitted weight. */
class ReaderState {
  private readonly n: number;
  private readonly inverse: Float64Array;
  private readonly weight: Float64Array;
  private readonly energy: number;
  private readonly positions = new Map<number, number[]>();

  constructor(private readonly reader: Reader) {
    const n = reader.roots.length;
    this.n = n;
    const regular = Float64Array.from(reader.covariance);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += regular[i * n + i]!;
    const added = Math.max(1e-12, (ridge * trace) / n);
    for (let i = 0; i < n; i++) regular[i * n + i] = regular[i * n + i]! + added;
    this.inverse = invertSymmetric(regular, n, added * 1e-6);
    this.weight = Float64Array.from(reader.weight);
    this.energy = outputVariance(reader);
    reader.roots.forEach((root, i) => {
      const list = this.positions.get(root);
      if (list) list.push(i);
      else this.positions.set(root, [i]);
    });
  }

  cost(root: number): number {
    let sum = 0;
    for (const i of this.positions.get(root) ?? []) {
      let squares = 0;
      for (let m = 0; m < this.reader.rows; m++) squares += this.weight[m * this.n + i]! ** 2;
      sum += squares / this.inverse[i * this.n + i]!;
    }
    return sum / this.energy;
  }

  remove(root: number): void {
    const { n, inverse, weight } = this;
    for (const i of this.positions.get(root) ?? []) {
      const pivot = inverse[i * n + i]!;
      const row = inverse.slice(i * n, (i + 1) * n);
      for (let m = 0; m < this.reader.rows; m++) {
        const factor = weight[m * n + i]! / pivot;
        if (factor === 0) continue;
        for (let j = 0; j < n; j++) weight[m * n + j] = weight[m * n + j]! - factor * row[j]!;
        weight[m * n + i] = 0;
      }
      for (let j = 0; j < n; j++) {
        const factor = row[j]! / pivot;
        for (let k = 0; k < n; k++) inverse[j * n + k] = inverse[j * n + k]! - factor * row[k]!;
      }
      // What is gone must not be chosen or updated again.
      for (let j = 0; j < n; j++) {
        inverse[i * n + j] = 0;
        inverse[j * n + i] = 0;
      }
      inverse[i * n + i] = Number.POSITIVE_INFINITY;
    }
    this.positions.delete(root);
  }
}

/** Variance of a reader's output, summed over its rows: tr(W C W^T). */
function outputVariance({ weight, rows, covariance, roots }: Reader): number {
  const n = roots.length;
  let sum = 0;
  for (let m = 0; m < rows; m++) {
    for (let i = 0; i < n; i++) {
      const w = weight[m * n + i]!;
      if (w === 0) continue;
      let inner = 0;
      for (let j = 0; j < n; j++) inner += covariance[i * n + j]! * weight[m * n + j]!;
      sum += w * inner;
    }
  }
  return Math.max(sum, 1e-30);
}
