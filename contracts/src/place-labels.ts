import type { ChartMark } from './frontier-chart.js';
import type { AxisDirection, PlanePoint } from './stairs.js';

export interface PlotBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Width of a character of the 11 px names, on the safe side. */
const characterPx = 6.4;
const heightPx = 13;
/** So many names at most are tried: more could not be read, and each is held against every mark. */
const mostNames = 60;

/**
 * Writes the names of frontier points where they cover no mark and no stair: on the better side of the stairs first, then the
 * other side. A name without a free place is left out (it is in the hover card and in the table). Deterministic.
 */
export function placeLabels(
  marks: readonly ChartMark[],
  front: readonly PlanePoint[],
  plot: PlotBox,
  yDirection: AxisDirection,
): ChartMark[] {
  const taken: PlotBox[] = [
    ...marks.map((m) => ({ left: m.cx - 7, top: m.cy - 7, right: m.cx + 7, bottom: m.cy + 7 })),
    ...stairBoxes(front, plot),
  ];
  const better = yDirection === 'max' ? -1 : 1;
  const order = [...marks]
    .filter((m) => m.status !== 'dominated')
    .sort((a, b) => Number(b.status === 'on') - Number(a.status === 'on') || a.cx - b.cx)
    .slice(0, mostNames);
  const names = new Map<string, ChartMark['name']>();
  for (const mark of order) {
    const width = mark.label.length * characterPx;
    for (const [dy, anchor] of [
      [better * 14, 'end'],
      [better * 14, 'start'],
      [-better * 14, 'start'],
      [-better * 14, 'end'],
    ] as const) {
      const x = mark.cx + (anchor === 'end' ? -6 : 6);
      const y = mark.cy + dy;
      const box = {
        left: anchor === 'end' ? x - width : x,
        right: anchor === 'end' ? x : x + width,
        top: y - heightPx / 2,
        bottom: y + heightPx / 2,
      };
      if (box.left < plot.left || box.right > plot.right || box.top < plot.top || box.bottom > plot.bottom) continue;
      if (
        taken.some(
          (other) =>
            box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top,
        )
      )
        continue;
      taken.push(box);
      names.set(mark.key, { x, y, anchor });
      break;
    }
  }
  return marks.map((mark) => {
    const name = names.get(mark.key);
    return name ? { ...mark, name } : mark;
  });
}

/** The stairs as thin boxes: from each point across, then up or down to the next. */
function stairBoxes(front: readonly PlanePoint[], plot: PlotBox): PlotBox[] {
  return front.flatMap((point, i) => {
    const next = front[i + 1];
    const x = next?.x ?? plot.right;
    const across = { left: Math.min(point.x, x), right: Math.max(point.x, x), top: point.y - 1, bottom: point.y + 1 };
    if (!next) return [across];
    const [top, bottom] = [Math.min(point.y, next.y), Math.max(point.y, next.y)];
    return [across, { left: x - 1, right: x + 1, top, bottom }];
  });
}
