import { comparedMost } from '@hilltop/contracts';
import type { Mark } from './chart-model.js';

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A drag from here to there; undefined while it is still a click. */
export function rectangleOf(
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): Rectangle | undefined {
  if (Math.hypot(to.x - from.x, to.y - from.y) < 5) return undefined;
  return {
    left: Math.min(from.x, to.x),
    top: Math.min(from.y, to.y),
    right: Math.max(from.x, to.x),
    bottom: Math.max(from.y, to.y),
  };
}

const rank = { on: 0, uncertain: 1, dominated: 2 } as const;

/** The points in a rectangle, the likeliest to be shipped first; `keys` are as many as can be compared. */
export function brushed(
  marks: readonly Mark[],
  { left, top, right, bottom }: Rectangle,
): { readonly keys: readonly string[]; readonly inside: number } {
  const inside = marks.filter(({ cx, cy }) => cx >= left && cx <= right && cy >= top && cy <= bottom);
  const ordered = [...inside].sort(
    (a, b) => Number(b.feasible) - Number(a.feasible) || rank[a.status] - rank[b.status] || a.cx - b.cx || a.cy - b.cy,
  );
  return { keys: ordered.slice(0, comparedMost).map((mark) => mark.key), inside: inside.length };
}
