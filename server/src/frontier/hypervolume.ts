/**
 * Volume that points dominate up to a reference, all coordinates minimised; points not better than the
 * reference in each coordinate count nothing. 2-D by a sweep, 3-D by slabs of 2-D volumes.
 * Golden values: measurement notes, {(1,8),(2,5),(4,3),(7,1)} to (10,10) = 60.
 */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = points.filter((p) => p.every((v, i) => v < reference[i]!));
  if (reference.length === 2) return area(inside, reference);
  if (reference.length !== 3) throw new RangeError('hypervolume takes two or three objectives');
  const sorted = [...inside].sort((a, b) => a[2]! - b[2]!);
  let volume = 0;
  sorted.forEach((point, i) => {
    const top = sorted[i + 1]?.[2] ?? reference[2]!;
    if (top > point[2]!) volume += (top - point[2]!) * area(sorted.slice(0, i + 1), reference);
  });
  return volume;
}

function area(points: readonly (readonly number[])[], reference: readonly number[]): number {
  let y = reference[1]!;
  let sum = 0;
  for (const point of [...points].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)) {
    if (point[1]! >= y) continue;
    sum += (reference[0]! - point[0]!) * (y - point[1]!);
    y = point[1]!;
  }
  return sum;
}
