import type { GramStatistic } from '../host-messages.js';
import { cholesky, solveCholesky } from '../linear-algebra.js';

/** Weight (outputs x columns, row-major) and bias of a linear layer. */
export interface Linear {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/**
 * Ridge regression of targets on windows, pulled towards the weight there is: minimises |X W^T + b - Y|^2 + strength |W - W0|^2,
 * `strength` as a share of the columns' mean variance. `depthwise`: output o sees only its own block of columns; without `bias`
 * b is zero.
 */
export function refit(
  given: GramStatistic,
  initial: Float64Array,
  strength: number,
  { depthwise, bias: hasBias }: { depthwise: boolean; bias: boolean },
): Linear {
  // Without a bias nothing is centred.
  const sums = hasBias
    ? given
    : { ...given, sums: new Float64Array(given.columns), targetSums: new Float64Array(given.targets) };
  const { rows, columns, targets } = sums;
  const width = depthwise ? columns / targets : columns;
  const weight = new Float64Array(targets * width);
  const bias = new Float64Array(targets);
  let system = new Ridge(sums, 0, width, strength);
  for (let o = 0; o < targets; o++) {
    if (depthwise && o > 0) system = new Ridge(sums, o * width, width, strength);
    const solved = system.solve(o, initial.subarray(o * width, (o + 1) * width));
    weight.set(solved, o * width);
    let offset = sums.targetSums[o]! / rows;
    solved.forEach((w, i) => {
      offset -= w * system.mean[i]!;
    });
    bias[o] = offset;
  }
  return { weight, bias };
}

/** Relative error of a long sum of float32 products. */
const singlePrecision = 1e-5;

/** The factored normal equations of columns `[first, first + width)`; the bias is taken out by centring. */
class Ridge {
  readonly mean: Float64Array;
  private readonly factor: Float64Array;
  private readonly added: number;

  constructor(
    private readonly sums: GramStatistic,
    private readonly first: number,
    private readonly width: number,
    strength: number,
  ) {
    const { rows, columns, gram } = sums;
    this.mean = sums.sums.slice(first, first + width).map((s) => s / rows);
    this.factor = new Float64Array(width * width);
    let trace = 0;
    let squares = 0;
    for (let i = 0; i < width; i++) {
      squares += gram[(first + i) * columns + first + i]! / rows;
      for (let j = 0; j < width; j++)
        this.factor[i * width + j] = gram[(first + i) * columns + first + j]! / rows - this.mean[i]! * this.mean[j]!;
      trace += this.factor[i * width + i]!;
    }
    // Sums were made in single precision: what they cannot resolve beside the mean must not look like variance.
    this.added = Math.max(1e-12, (strength * trace + singlePrecision * squares) / width);
    for (let i = 0; i < width; i++) this.factor[i * width + i] = this.factor[i * width + i]! + this.added;
    cholesky(this.factor, width, this.added * 1e-3);
  }

  solve(target: number, start: Float64Array): Float64Array {
    const { rows, targets, cross, targetSums } = this.sums;
    const right = new Float64Array(this.width);
    for (let i = 0; i < this.width; i++) {
      right[i] =
        cross[(this.first + i) * targets + target]! / rows -
        (this.mean[i]! * targetSums[target]!) / rows +
        this.added * start[i]!;
    }
    return solveCholesky(this.factor, this.width, right);
  }
}
