export type AxisDirection = 'min' | 'max';

export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

/** The non-dominated of the points by their values alone, best x first. Pure; equal points are kept once. */
export function frontierOf<T extends PlanePoint>(
  points: readonly T[],
  xDirection: AxisDirection,
  yDirection: AxisDirection,
): T[] {
  const cost = (value: number, direction: AxisDirection): number => (direction === 'min' ? value : -value);
  const sorted = [...points].sort(
    (a, b) => cost(a.x, xDirection) - cost(b.x, xDirection) || cost(a.y, yDirection) - cost(b.y, yDirection),
  );
  const front: T[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (const point of sorted) {
    const y = cost(point.y, yDirection);
    if (y < best) {
      front.push(point);
      best = y;
    }
  }
  return front;
}

/**
 * The edge of what is dominated, as an SVG path in pixels. `front` best x first; `worst` = pixel of the worst end of
 * each axis, where the stairs come from and go to.
 */
export function stairsPath(front: readonly PlanePoint[], worst: PlanePoint): string {
  const first = front[0];
  if (!first) return '';
  const n = (v: number): string => v.toFixed(1);
  let path = `M${n(first.x)} ${n(worst.y)}`;
  for (const point of front)
    path += path.length > 0 && point !== first ? `H${n(point.x)}V${n(point.y)}` : `V${n(point.y)}`;
  return `${path}H${n(worst.x)}`;
}
