import { cholesky, invertSymmetric, solveCholesky, solveCholeskyRows } from '../linear-algebra.js';
import { type ColumnFactor, factorColumns, sweepColumns } from '../second-order.js';
import { type Choice, chooseZeros } from './choose.js';

/**
 * A quadratic error of rows: sum over rows of (w - best) H (w - best)^T. `best`: rows x columns; `hessian`: columns x columns, positive
 * (damped).
 */
export interface RowError {
  readonly columns: number;
  readonly hessian: Float64Array;
  readonly best: Float64Array;
}

/** Multiply-adds that choosing, and refitting, one matrix may take: some five seconds each. */
const affordable = 5e9;

/**
 * The rows with the least error that are zero where `zeros` says so: exact regression on what is left of each row, or where that takes
 * too long the column sweep of SparseGPT, which leaves a quarter more error.
 */
export function refitRows(error: RowError, zeros: Uint8Array): Float64Array {
  const { columns, hessian, best } = error;
  const rows = best.length / columns;
  const parts = Array.from({ length: rows }, (_, r) => {
    const [kept, gone]: [number[], number[]] = [[], []];
    for (let i = 0; i < columns; i++) (zeros[r * columns + i] ? gone : kept).push(i);
    return { kept, gone, row: best.subarray(r * columns, (r + 1) * columns) };
  });
  const few = (r: (typeof parts)[number]): number => Math.min(r.kept.length, r.gone.length);
  if (parts.reduce((sum, part) => sum + few(part) ** 3 / 6, 0) > affordable) {
    return sweepColumns(best, factorColumns(hessian, columns, 0), (column, values) =>
      values.map((v, r) => (zeros[r * columns + column] ? 0 : v)),
    );
  }
  const inverse = parts.some(({ kept, gone }) => gone.length > 0 && gone.length < kept.length)
    ? invertSymmetric(hessian, columns, 1e-12)
    : undefined;
  const made = new Float64Array(best.length);
  parts.forEach((part, r) => {
    const into = made.subarray(r * columns, (r + 1) * columns);
    if (part.gone.length === 0) into.set(part.row);
    else if (inverse && part.gone.length < part.kept.length) correct(inverse, part, into);
    else regress(hessian, part, into);
  });
  return made;
}

interface RowPart {
  readonly kept: readonly number[];
  readonly gone: readonly number[];
  readonly row: Float64Array;
}

/** Regression on the columns kept (K): H_KK w_K = (H best)_K. */
function regress(hessian: Float64Array, { kept, row }: RowPart, into: Float64Array): void {
  const [n, columns] = [kept.length, row.length];
  const right = Float64Array.from(kept, (column) => dot(hessian, column * columns, row, 0, columns));
  solveCholesky(cholesky(minor(hessian, kept, columns), n, 1e-12), n, right);
  kept.forEach((column, i) => {
    into[column] = right[i]!;
  });
}

/** The same by the columns gone (G), where they are fewer: w = best - [H^-1]_G a with [H^-1]_GG a = best_G. */
function correct(inverse: Float64Array, { gone, kept, row }: RowPart, into: Float64Array): void {
  const [n, columns] = [gone.length, row.length];
  const a = Float64Array.from(gone, (column) => row[column]!);
  solveCholesky(cholesky(minor(inverse, gone, columns), n, 1e-300), n, a);
  for (const column of kept) {
    let value = row[column]!;
    for (let i = 0; i < n; i++) value -= inverse[column * columns + gone[i]!]! * a[i]!;
    into[column] = value;
  }
}

/** Lower half of the rows and columns `of` of a symmetric matrix. */
function minor(matrix: Float64Array, of: readonly number[], columns: number): Float64Array {
  const n = of.length;
  const made = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0, from = of[i]! * columns; j <= i; j++) made[i * n + j] = matrix[from + of[j]!]!;
  return made;
}

/** Rounds of the search for zeros, the first of which prune more and more: more than these gained another 2 %. */
const rounds = 16;
const growing = 12;

/**
 * Which values are best zero when the others are refitted: those of an alternating search, or the smallest, or those that cost least
 * alone, whichever costs least in the end. `fixed`: values that are zero in any case.
 */
export function searchZeros(error: RowError, choice: Choice, fixed: Uint8Array): Uint8Array {
  const { columns, hessian, best } = error;
  const choose = (among: Choice, scores: Float64Array): Uint8Array =>
    chooseZeros(
      scores.map((s, k) => (fixed[k] ? -1 : s)),
      among,
    );
  const found = [
    choose(
      choice,
      best.map((w, k) => w * w * hessian[(k % columns) * (columns + 1)]!),
    ),
    choose(
      choice,
      best.map((w) => w * w),
    ),
  ];
  if (rounds * choice.rows * columns ** 2 <= 4 * affordable) found.unshift(alternate(error, choice, choose));
  const factor = factorColumns(hessian, columns, 0);
  let least = Number.POSITIVE_INFINITY;
  let chosen = found[0]!;
  for (const zeros of found) {
    const cost = sweptCost(best, factor, zeros);
    if (cost < least) {
      least = cost;
      chosen = zeros;
    }
  }
  return chosen;
}

/** Error of a sweep with those zeros: close to what regression leaves, and quickly told. */
function sweptCost(best: Float64Array, factor: ColumnFactor, zeros: Uint8Array): number {
  let sum = 0;
  sweepColumns(best, factor, (column, values, cost) =>
    values.map((v, r) => {
      if (zeros[r * factor.columns + column] === 0) return v;
      sum += cost * v * v;
      return 0;
    }),
  );
  return sum;
}

/**
 * Alternating directions (Boza, "Fast and effective weight update for pruned large language models", 2024): a free solution and a
 * sparse one pull at each other while the share of zeros grows. Columns are scaled to unit curvature, so that a value's square is
 * what it costs.
 */
function alternate(
  { columns, hessian, best }: RowError,
  choice: Choice,
  choose: (choice: Choice, scores: Float64Array) => Uint8Array,
): Uint8Array {
  const scale = Float64Array.from({ length: columns }, (_, i) => Math.sqrt(hessian[i * columns + i]!));
  const scaled = hessian.map((h, k) => h / scale[Math.floor(k / columns)]! / scale[k % columns]!);
  const pull = 1;
  const factor = scaled.slice();
  for (let i = 0; i < columns; i++) factor[i * columns + i] = factor[i * columns + i]! + pull;
  cholesky(factor, columns, 1e-12);
  const free = best.map((w, k) => w * scale[k % columns]!);
  const wanted = new Float64Array(best.length);
  for (let r = 0; r < choice.rows; r++)
    for (let i = 0; i < columns; i++) wanted[r * columns + i] = dot(scaled, i * columns, free, r * columns, columns);
  const debt = new Float64Array(best.length);
  let zeros: Uint8Array = new Uint8Array(best.length);
  for (let round = 1; round <= rounds; round++) {
    const share = round >= growing ? 1 : 1 - (1 - round / growing) ** 3;
    zeros = choose(
      { ...choice, count: Math.round(choice.count * share) },
      free.map((w, k) => (w + debt[k]!) ** 2),
    );
    for (let k = 0; k < free.length; k++) {
      const sparse = zeros[k] ? 0 : free[k]! + debt[k]!;
      debt[k] = debt[k]! + free[k]! - sparse;
      free[k] = wanted[k]! + pull * (sparse - debt[k]!);
    }
    solveCholeskyRows(factor, columns, free);
  }
  return zeros;
}

/** Sum of n products. Four sums, because one waits for itself. */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, n: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < n; k += 4) {
    s0 += a[i + k]! * b[j + k]!;
    s1 += a[i + k + 1]! * b[j + k + 1]!;
    s2 += a[i + k + 2]! * b[j + k + 2]!;
    s3 += a[i + k + 3]! * b[j + k + 3]!;
  }
  for (; k < n; k++) s0 += a[i + k]! * b[j + k]!;
  return s0 + s1 + s2 + s3;
}
