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
    for (let i = j + 1; i < n; i++) {
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

/** Inverse of a symmetric positive matrix. */
export function invertSymmetric(matrix: Float64Array, n: number, floor: number): Float64Array {
  const factor = cholesky(Float64Array.from(matrix), n, floor);
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const column = new Float64Array(n);
    column[j] = 1;
    inverse.set(solveCholesky(factor, n, column), j * n);
  }
  return inverse;
}
