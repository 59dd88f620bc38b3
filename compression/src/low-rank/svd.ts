/** A = U diag(S) V^T of a matrix of `rows` x `columns`, without the parts that are nothing but rounding. */
export interface Svd {
  readonly rank: number;
  /** `rank` positive numbers, falling. */
  readonly values: Float64Array;
  /** Left vectors: `rank` rows of `rows` numbers. */
  readonly left: Float64Array;
  /** Right vectors: `rank` rows of `columns` numbers. */
  readonly right: Float64Array;
}

/** Columns count as orthogonal below this cosine; a sweep that finds none above it is the last. */
const orthogonal = 1e-14;
/** Far more than ever needed: convergence is quadratic, usually after 6 to 10. */
const mostSweeps = 60;

/**
 * Singular value decomposition of a row-major matrix: pivoted QR, then one-sided Jacobi on R^T, which converges in a few
 * sweeps (Drmac and Veselic, "New fast and accurate Jacobi SVD algorithm", 2008). Deterministic; small values are as accurate,
 * relative to themselves, as large ones. Time grows with the larger side times the smaller one squared.
 */
export function svd(matrix: Float64Array, rows: number, columns: number): Svd {
  if (rows < columns) {
    // The decomposition of the transposed matrix, whose columns are the given rows.
    const { rank, values, left, right } = tallSvd(Float64Array.from(matrix), columns, rows);
    return { rank, values, left: right, right: left };
  }
  const byColumn = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) byColumn[j * rows + i] = matrix[i * columns + j]!;
  return tallSvd(byColumn, rows, columns);
}

/** Of `n` columns of `m` >= `n` numbers each, which are overwritten. */
function tallSvd(a: Float64Array, m: number, n: number): Svd {
  const { factors, pivots } = pivotedQr(a, m, n);
  // Row i of R from its diagonal on: column i of R^T, which Jacobi turns.
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) x[i * n + j] = a[j * m + i]!;
  const turned = new Float64Array(n * n);
  for (let i = 0; i < n; i++) turned[i * n + i] = 1;
  orthogonalize(x, turned, n);
  const norms = Float64Array.from({ length: n }, (_, i) => Math.sqrt(dot(x, i * n, x, i * n, n)));
  const order = [...norms.keys()].sort((p, q) => norms[q]! - norms[p]! || p - q);
  const least = (norms[order[0] ?? 0] ?? 0) * m * Number.EPSILON;
  const kept = order.filter((i) => norms[i]! > least);
  const rank = kept.length;
  const left = new Float64Array(rank * m);
  const right = new Float64Array(rank * n);
  kept.forEach((i, k) => {
    for (let j = 0; j < n; j++) right[k * n + pivots[j]!] = x[i * n + j]! / norms[i]!;
    const u = left.subarray(k * m, (k + 1) * m);
    u.set(turned.subarray(i * n, (i + 1) * n));
    // Q u: the reflections in reverse order.
    for (let j = n - 1; j >= 0; j--) reflect(a, j * m, factors[j]!, u, 0, j, m);
  });
  return { rank, values: Float64Array.from(kept, (i) => norms[i]!), left, right };
}

/**
 * Householder QR with column pivoting, in place: R in the upper part of the columns, the reflections' vectors below it, from
 * the diagonal's place on with an implicit 1.
 */
function pivotedQr(a: Float64Array, m: number, n: number): { factors: Float64Array; pivots: Int32Array } {
  const factors = new Float64Array(n);
  const pivots = Int32Array.from({ length: n }, (_, j) => j);
  const norms = Float64Array.from({ length: n }, (_, j) => dot(a, j * m, a, j * m, m));
  const exact = Float64Array.from(norms);
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let j = k + 1; j < n; j++) if (norms[j]! > norms[best]!) best = j;
    if (best !== k) swapColumns(a, m, k, best, norms, exact, pivots);
    const at = k * m + k;
    const norm = Math.sqrt(dot(a, at, a, at, m - k));
    if (norm === 0) continue;
    const head = a[at]!;
    const beta = head > 0 ? -norm : norm;
    factors[k] = (beta - head) / beta;
    for (let i = 1; i < m - k; i++) a[at + i] = a[at + i]! / (head - beta);
    a[at] = beta;
    for (let j = k + 1; j < n; j++) {
      reflect(a, k * m, factors[k]!, a, j * m, k, m);
      const lower = norms[j]! - a[j * m + k]! ** 2;
      // Downdating loses digits; where few are left the norm is made anew.
      norms[j] = lower > exact[j]! * 1e-8 ? lower : dot(a, j * m + k + 1, a, j * m + k + 1, m - k - 1);
      if (lower <= exact[j]! * 1e-8) exact[j] = norms[j]!;
    }
  }
  return { factors, pivots };
}

function swapColumns(a: Float64Array, m: number, p: number, q: number, ...others: (Float64Array | Int32Array)[]): void {
  const column = a.slice(p * m, (p + 1) * m);
  a.copyWithin(p * m, q * m, (q + 1) * m);
  a.set(column, q * m);
  for (const list of others) [list[p], list[q]] = [list[q]!, list[p]!];
}

/** Applies reflection `k`, whose vector begins at `a[column + k]`, to the numbers of `b` at `start`. */
function reflect(
  a: Float64Array,
  column: number,
  factor: number,
  b: Float64Array,
  start: number,
  k: number,
  m: number,
): void {
  if (factor === 0) return;
  let sum = b[start + k]!;
  for (let i = k + 1; i < m; i++) sum += a[column + i]! * b[start + i]!;
  sum *= factor;
  b[start + k] = b[start + k]! - sum;
  for (let i = k + 1; i < m; i++) b[start + i] = b[start + i]! - sum * a[column + i]!;
}

/** Turns pairs of rows of `x` until all are orthogonal, and the rows of `turned` with them. */
function orthogonalize(x: Float64Array, turned: Float64Array, n: number): void {
  const squares = new Float64Array(n);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    for (let i = 0; i < n; i++) squares[i] = dot(x, i * n, x, i * n, n);
    let rotations = 0;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = dot(x, p * n, x, q * n, n);
        if (Math.abs(off) <= orthogonal * Math.sqrt(squares[p]! * squares[q]!) || off === 0) continue;
        rotations++;
        const zeta = (squares[q]! - squares[p]!) / (2 * off);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(x, p * n, q * n, c, c * t, n);
        rotate(turned, p * n, q * n, c, c * t, n);
        squares[p] = Math.max(0, squares[p]! - t * off);
        squares[q] = squares[q]! + t * off;
      }
    }
    if (rotations === 0) return;
  }
}

function rotate(x: Float64Array, p: number, q: number, c: number, s: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const a = x[p + i]!;
    const b = x[q + i]!;
    x[p + i] = c * a - s * b;
    x[q + i] = s * a + c * b;
  }
}

/** Scalar product of `n` numbers; four sums, so that the processor need not wait for one. */
function dot(a: Float64Array, p: number, b: Float64Array, q: number, n: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    s0 += a[p + i]! * b[q + i]!;
    s1 += a[p + i + 1]! * b[q + i + 1]!;
    s2 += a[p + i + 2]! * b[q + i + 2]!;
    s3 += a[p + i + 3]! * b[q + i + 3]!;
  }
  for (; i < n; i++) s0 += a[p + i]! * b[q + i]!;
  return s0 + s1 + (s2 + s3);
}
