import type { PlanMemory } from '@hilltop/contracts';
import { formatBytes } from './units.js';

const [width, height] = [920, 440] as const;
const plot = { left: 74, right: 908, top: 50, bottom: 376 } as const;
/** Width of a character at 11 px, on the safe side. */
const characterPx = 6.4;
const linePx = 13;

/**
 * The memory plan as a picture to keep: the arena over the steps of the plan, a rectangle for each tensor and each operator's working
 * memory. One file without scripts or fonts; the same plan always gives the same bytes.
 */
export function memorySvg({ arenaBytes, steps, rectangles }: PlanMemory, title: string): string {
  const x = (step: number): number => plot.left + (step / steps) * (plot.right - plot.left);
  const y = (byte: number): number => plot.bottom - (byte / arenaBytes) * (plot.bottom - plot.top);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = px(y(share * arenaBytes));
    return (
      `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/>` +
      `<text x="${plot.left - 8}" y="${at}" text-anchor="end" dominant-baseline="middle">${formatBytes(share * arenaBytes)}</text>`
    );
  });
  const blocks = rectangles.map(({ kind, maker, from, to, offset, bytes }) => {
    const [left, right, top, bottom] = [x(from), x(to + 1), y(offset + bytes), y(offset)];
    const words = `${maker}${kind === 'scratch' ? ', working memory' : ''}: ${formatBytes(bytes)} at ${offset}, steps ${from} to ${to}`;
    const named = kind === 'tensor' ? labels([maker, formatBytes(bytes)], { left, right, top, bottom }) : '';
    return (
      `<rect class="${kind}" x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}">` +
      `<title>${escaped(words)}</title></rect>${named}`
    );
  });
  const operators = Array.from({ length: steps - 2 }, (_, i) => i + 1);
  const every = Math.ceil((2.5 * characterPx) / (x(1) - x(0)));
  const numbers = [
    [0, 'in'],
    ...operators.filter((step) => step % every === 0).map((step) => [step, String(step)] as const),
    [steps - 1, 'out'],
  ].map(
    ([step, text]) =>
      `<text x="${px(x(Number(step) + 0.5))}" y="${plot.bottom + 18}" text-anchor="middle">${text}</text>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>text{font:11px system-ui,sans-serif;fill:#4a5464}.head{font-size:15px;font-weight:600;fill:#1b2330}.grid{stroke:#e6e9ee}`,
    `.tensor{fill:#0072b2;fill-opacity:.18;stroke:#0072b2}.scratch{fill:none;stroke:#d55e00;stroke-dasharray:3 2}.name{fill:#1b2330}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#fff"/>`,
    `<text class="head" x="${plot.left}" y="28">${escaped(title)}: ${formatBytes(arenaBytes)} of arena</text>`,
    ...grid,
    ...blocks,
    ...numbers,
    `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 36}" text-anchor="middle">step of the plan</text>`,
    `<text x="${plot.left}" y="${plot.bottom + 56}">filled: a tensor, from the step that makes it to the last that reads it; darker: worked on in place; dashed: working memory of an operator</text>`,
    '</svg>',
  ].join('\n')}\n`;
}

/** As many of the lines as fit into a rectangle, in its middle. */
function labels(lines: readonly string[], box: { left: number; right: number; top: number; bottom: number }): string {
  const rows = Math.min(lines.length, Math.floor((box.bottom - box.top) / linePx));
  const fitting = lines.slice(0, rows).filter((line) => line.length * characterPx < box.right - box.left);
  const middle = (box.top + box.bottom) / 2 - ((fitting.length - 1) * linePx) / 2;
  return fitting
    .map(
      (line, i) =>
        `<text class="name" x="${px((box.left + box.right) / 2)}" y="${px(middle + i * linePx)}" text-anchor="middle" dominant-baseline="middle">${escaped(line)}</text>`,
    )
    .join('');
}

const px = (value: number): string => String(Number(value.toFixed(1)));
const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!);
