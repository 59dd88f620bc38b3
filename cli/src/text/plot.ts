import { displayWidth } from './display-width.js';

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly mark: string;
  readonly label: string;
}

export interface PlotAxis {
  readonly title: string;
  readonly scale: 'log' | 'linear';
  readonly format: (value: number) => string;
}

export interface PlotOptions {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  /** Columns of the whole picture, axis included; at least 40. */
  readonly width: number;
  /** Rows of the plotting area. */
  readonly height: number;
}

/** A scatter plot in characters; labels stand right of their mark, or left of it, where there is room. Pure. */
export function scatterPlot(points: readonly PlotPoint[], options: PlotOptions): string {
  const usable = points.filter((p) => isDrawable(p.x, options.x.scale) && isDrawable(p.y, options.y.scale));
  if (usable.length === 0) return '';
  const [xs, ys] = [
    range(
      usable.map((p) => p.x),
      options.x.scale,
    ),
    range(
      usable.map((p) => p.y),
      options.y.scale,
    ),
  ];
  const yLabels = [options.y.format(ys.high), options.y.format(ys.low)] as const;
  const margin = Math.max(...yLabels.map(displayWidth)) + 1;
  const width = Math.max(30, options.width - margin - 2);
  const grid = Array.from({ length: options.height }, () => Array.from({ length: width }, () => ' '));

  // Dominated points first, so that the ones worth shipping keep their cell; labels after all marks.
  const placed = [...usable].reverse().map((point) => {
    const column = cellOf(point.x, xs, options.x.scale, width);
    const row = options.height - 1 - cellOf(point.y, ys, options.y.scale, options.height);
    grid[row]![column] = point.mark;
    return { point, row, column };
  });
  for (const { point, row, column } of placed.reverse()) writeLabel(grid[row]!, column, point.label);

  const lines = grid.map((cells, i) => {
    const label = i === 0 ? yLabels[0] : i === options.height - 1 ? yLabels[1] : '';
    return `${' '.repeat(margin - displayWidth(label) - 1)}${label} │${cells.join('').trimEnd()}`;
  });
  const [left, right] = [options.x.format(xs.low), options.x.format(xs.high)];
  const title = ` ${options.x.title} `;
  const gap = Math.max(1, width - displayWidth(left) - displayWidth(right));
  const middle = gap > displayWidth(title) + 2 ? centred(title, gap) : ' '.repeat(gap);
  return [
    `${' '.repeat(margin)}${options.y.title}`,
    ...lines,
    `${' '.repeat(margin)}└${'─'.repeat(width)}`,
    `${' '.repeat(margin + 1)}${left}${middle}${right}`,
    '',
  ].join('\n');
}

const isDrawable = (value: number, scale: PlotAxis['scale']): boolean =>
  Number.isFinite(value) && (scale === 'linear' || value > 0);
const position = (value: number, scale: PlotAxis['scale']): number => (scale === 'log' ? Math.log(value) : value);

/** Data range; a single value gets room around it. */
function range(values: readonly number[], scale: PlotAxis['scale']): { low: number; high: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low !== high) return { low, high };
  return scale === 'log' ? { low: low / 1.1, high: high * 1.1 } : { low: low - 0.01, high: high + 0.01 };
}

function cellOf(value: number, bounds: { low: number; high: number }, scale: PlotAxis['scale'], cells: number): number {
  const [low, high] = [position(bounds.low, scale), position(bounds.high, scale)];
  return Math.round(((position(value, scale) - low) / (high - low)) * (cells - 1));
}

function writeLabel(cells: string[], column: number, label: string): void {
  const text = Array.from(label);
  for (const start of [column + 2, column - 1 - text.length]) {
    const spot = cells.slice(Math.max(0, start - 1), start + text.length + 1);
    if (start < 0 || start + text.length > cells.length) continue;
    if (spot.slice(start === 0 ? 0 : 1).some((cell) => cell !== ' ')) continue;
    for (const [i, character] of text.entries()) cells[start + i] = character;
    return;
  }
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - displayWidth(text)) / 2);
  return ' '.repeat(left) + text + ' '.repeat(width - left - displayWidth(text));
}
