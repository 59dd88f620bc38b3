import type { GateRow } from '@hilltop/contracts';
import { type Markup, markup } from './markup.js';
import { changeOf, changeText, worseSign } from './words.js';

const [width, height] = [168, 20];
const middle = width / 2;

/** How far the pictures of all rows reach, in per cent or points: five thresholds, more where most changes are larger. */
export function changeReach(rows: readonly GateRow[], maxRegression: number): number {
  const sizes = rows.map((row) => Math.abs(changeOf(row, row.change))).sort((a, b) => a - b);
  return Math.max(500 * maxRegression, (sizes[Math.floor(sizes.length * 0.9)] ?? 0) * 1.25, 1);
}

/** A row's change with its interval; to the right is worse, whatever the metric; the grey band is what is let pass. */
export function changeSvg(row: GateRow, reach: number, maxRegression: number): Markup {
  const sign = worseSign(row.metric);
  const at = (value: number): number =>
    middle + (Math.min(reach, Math.max(-reach, sign * changeOf(row, value))) / reach) * (middle - 8);
  const ends = [at(row.low), at(row.high)].sort((a, b) => a - b) as [number, number];
  const half = Math.min(1, (100 * maxRegression) / reach) * (middle - 8);
  const beyond = Math.abs(changeOf(row, row.change)) > reach;
  const x = at(row.change);
  return markup`<svg class="change ${row.verdict}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${changeText(row)}"><rect class="pass" x="${(middle - half).toFixed(1)}" y="2" width="${(2 * half).toFixed(1)}" height="16"/><line class="zero" x1="${middle}" x2="${middle}" y1="1" y2="19"/><line class="span" x1="${ends[0].toFixed(1)}" x2="${ends[1].toFixed(1)}" y1="10" y2="10"/>${
    beyond
      ? markup`<path class="dot" d="${x > middle ? `M${width - 8} 5l7 5l-7 5z` : 'M8 5l-7 5l7 5z'}"/>`
      : markup`<circle class="dot" cx="${x.toFixed(1)}" cy="10" r="4"/>`
  }</svg>`;
}
