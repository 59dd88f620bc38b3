import { cholesky, solveLower, solveUpper } from './cholesky.js';

/** What was seen of a point: `row` of its columns, on which device (numbered), its value, and how far from the truth that may be. */
export interface Seen {
  readonly row: number;
  readonly device: number;
  readonly value: number;
  readonly noise: number;
}

export interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

/** What makes two values alike: shares of the variance by where it comes from, and its size. */
export interface Kernel {
  /** Of what all devices have in common, 0 to 1; the rest is each device's own. */
  readonly shared: number;
  /** Distance over which points stop being alike. */
  readonly reach: number;
  /** Standard deviation of values over points. */
  readonly size: number;
}

/** Prior standard deviation of what a device adds to all its points: it is found from its first result. */
const offsetVariance = 25;
/** Share of what adds up column by column; the rest is what columns do together. */
const additive = 0.5;

const alike = (distance: number, kernel: Kernel): number =>
  additive * (1 - distance) + (1 - additive) * Math.exp(-distance / kernel.reach);

/**
 * A Gaussian process over points and devices: a value is the device's own level, something that all devices share, and something of the
 * device's own. `distances[i][j]` between rows.
 */
export class PointProcess {
  private readonly lower: Float64Array;
  private readonly weights: Float64Array;
  /** Of what was seen; larger is likelier. */
  readonly logLikelihood: number;

  constructor(
    private readonly seen: readonly Seen[],
    private readonly distances: (a: number, b: number) => number,
    private readonly kernel: Kernel,
  ) {
    const n = seen.length;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        const both = this.covariance(seen[i]!.row, seen[i]!.device, seen[j]!.row, seen[j]!.device);
        matrix[i * n + j] = i === j ? both + seen[i]!.noise ** 2 : both;
      }
    this.lower = cholesky(matrix, n);
    const half = solveLower(
      this.lower,
      n,
      seen.map(({ value }) => value),
    );
    this.weights = solveUpper(this.lower, n, half);
    let likelihood = 0;
    for (let i = 0; i < n; i++) likelihood -= 0.5 * half[i]! ** 2 + Math.log(this.lower[i * n + i]!);
    this.logLikelihood = likelihood;
  }

  private covariance(rowA: number, deviceA: number, rowB: number, deviceB: number): number {
    const { shared, size } = this.kernel;
    const same = deviceA === deviceB;
    if (!same && shared === 0) return 0;
    const like = alike(this.distances(rowA, rowB), this.kernel);
    return size * size * like * (same ? 1 : shared) + (same ? offsetVariance : 0);
  }

  mean(row: number, device: number): number {
    let sum = 0;
    for (let i = 0; i < this.seen.length; i++)
      sum += this.weights[i]! * this.covariance(row, device, this.seen[i]!.row, this.seen[i]!.device);
    return sum;
  }

  /** Mean and standard deviation of a point's true value. */
  predict(row: number, device: number): Prediction {
    const n = this.seen.length;
    const across = Float64Array.from(this.seen, (one) => this.covariance(row, device, one.row, one.device));
    const half = solveLower(this.lower, n, across);
    let [mean, explained] = [0, 0];
    for (let i = 0; i < n; i++) {
      mean += this.weights[i]! * across[i]!;
      explained += half[i]! ** 2;
    }
    const variance = this.covariance(row, device, row, device) - explained;
    return { mean, deviation: Math.sqrt(Math.max(variance, 1e-8)) };
  }
}
