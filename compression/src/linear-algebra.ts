/** Square matrices are Float64Array, row-major, n x n. */

/**
 * Lower Cholesky factor of a symmetric positive matrix, in place (the upper part is left as it was). Pivots that are not
 * positive, from rounding, are raised to `floor`.
 */
export function cholesky(matrix: Float64Array, n: number, floor: number): Float64Array {
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    let pivot = matrix[rowJ + j]!;
    for (let k = 0; k < j; k++) pivot -= matrix[rowJ + k]! ** 2;
    const diagonal = Math.sqrt(Math.max(pivot, floor));
    matrix[rowJ + j] = diagonal;
    let i = j + 1;
    // Four rows at once: a sum alone waits for each of its own additions.
    for (; i + 3 < n; i += 4) {
      const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
      let [s0, s1, s2, s3] = [matrix[r0 + j]!, matrix[r1 + j]!, matrix[r2 + j]!, matrix[r3 + j]!];
      for (let k = 0; k < j; k++) {
        const value = matrix[rowJ + k]!;
        s0 -= matrix[r0 + k]! * value;
        s1 -= matrix[r1 + k]! * value;
        s2 -= matrix[r2 + k]! * value;
        s3 -= matrix[r3 + k]! * value;
      }
      matrix[r0 + j] = s0 / diagonal;
      matrix[r1 + j] = s1 / diagonal;
      matrix[r2 + j] = s2 / diagonal;
      matrix[r3 + j] = s3 / diagonal;
    }
    for (; i < n; i++) {
      const rowI = i * n;
      let sum = matrix[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k]! * matrix[rowJ + k]!;
      matrix[rowI + j] = sum / diagonal;
    }
  }
  return matrix;
}

/** Solves L L^T x = b for one right side, in place. */
export function solveCholesky(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * b[k]!;
    b[i] = sum / factor[i * n + i]!;
  }
  // Backwards by columns of L^T, that is by rows of L: memory is read in order.
  for (let i = n - 1; i >= 0; i--) {
    const value = b[i]! / factor[i * n + i]!;
    b[i] = value;
    for (let k = 0; k < i; k++) b[k] = b[k]! - factor[i * n + k]! * value;
  }
  return b;
}

/** Solves L L^T x = b for many right sides, each a row of `rows`, in place: four at once read the factor once. */
export function solveCholeskyRows(factor: Float64Array, n: number, rows: Float64Array): Float64Array {
  const count = rows.length / n;
  let r = 0;
  for (; r + 3 < count; r += 4) {
    const [b0, b1, b2, b3] = [r * n, (r + 1) * n, (r + 2) * n, (r + 3) * n];
    for (let i = 0; i < n; i++) {
      const row = i * n;
      let [s0, s1, s2, s3] = [rows[b0 + i]!, rows[b1 + i]!, rows[b2 + i]!, rows[b3 + i]!];
      for (let k = 0; k < i; k++) {
        const value = factor[row + k]!;
        s0 -= value * rows[b0 + k]!;
        s1 -= value * rows[b1 + k]!;
        s2 -= value * rows[b2 + k]!;
        s3 -= value * rows[b3 + k]!;
      }
      const pivot = factor[row + i]!;
      rows[b0 + i] = s0 / pivot;
      rows[b1 + i] = s1 / pivot;
      rows[b2 + i] = s2 / pivot;
      rows[b3 + i] = s3 / pivot;
    }
    for (let i = n - 1; i >= 0; i--) {
      const row = i * n;
      const pivot = factor[row + i]!;
      const [v0, v1, v2, v3] = [
        rows[b0 + i]! / pivot,
        rows[b1 + i]! / pivot,
        rows[b2 + i]! / pivot,
        rows[b3 + i]! / pivot,
      ];
      rows[b0 + i] = v0;
      rows[b1 + i] = v1;
      rows[b2 + i] = v2;
      rows[b3 + i] = v3;
      for (let k = 0; k < i; k++) {
        const value = factor[row + k]!;
        rows[b0 + k] = rows[b0 + k]! - value * v0;
        rows[b1 + k] = rows[b1 + k]! - value * v1;
        rows[b2 + k] = rows[b2 + k]! - value * v2;
        rows[b3 + k] = rows[b3 + k]! - value * v3;
      }
    }
  }
  for (; r < count; r++) solveCholesky(factor, n, rows.subarray(r * n, (r + 1) * n));
  return rows;
}

/** Inverse of a symmetric positive matrix. */
export function invertSymmetric(matrix: Float64Array, n: number, floor: number): Float64Array {
  const factor = cholesky(Float64Array.from(matrix), n, floor);
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) inverse[j * (n + 1)] = 1;
  return solveCholeskyRows(factor, n, inverse);
}
