/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(dims: readonly (number | bigint)[]): number {
  return dims.reduce<number>((product, d) => product * Number(d), 1);
}
