import type { Mark } from './chart-model.js';

/** More dominated marks in one cell as one mark with their number. */
export interface Bin {
  readonly id: string;
  readonly cx: number;
  readonly cy: number;
  readonly marks: readonly Mark[];
}

export interface Binned {
  /** Drawn one by one, in drawing order. */
  readonly marks: readonly Mark[];
  readonly bins: readonly Bin[];
}

/** From here on dominated points share marks. */
export const drawnMost = 1000;
const cellPx = 6;

/**
 * What is drawn of many points: all on the frontier and uncertain, all that are chosen (`keep`), and of the dominated one mark for each
 * cell of 6 px. The same points always give the same marks, in whatever order they come.
 */
export function binMarks(marks: readonly Mark[], keep: ReadonlySet<string>, most = drawnMost): Binned {
  if (marks.length <= most) return { marks, bins: [] };
  const cells = new Map<string, Mark[]>();
  const alone: Mark[] = [];
  for (const mark of marks) {
    if (mark.status !== 'dominated' || keep.has(mark.key)) {
      alone.push(mark);
      continue;
    }
    const id = `${Math.floor(mark.cx / cellPx)} ${Math.floor(mark.cy / cellPx)}`;
    const cell = cells.get(id);
    if (cell) cell.push(mark);
    else cells.set(id, [mark]);
  }
  const bins = [...cells].flatMap(([id, members]): Bin[] => {
    if (members.length === 1) {
      alone.unshift(members[0]!);
      return [];
    }
    const [column, line] = id.split(' ').map(Number) as [number, number];
    return [{ id, cx: (column + 0.5) * cellPx, cy: (line + 0.5) * cellPx, marks: members }];
  });
  return { marks: alone, bins: bins.sort((a, b) => a.cy - b.cy || a.cx - b.cx) };
}
