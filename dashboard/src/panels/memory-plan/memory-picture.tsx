import type { PlanMemory } from '@hilltop/contracts';
import { formatBytes } from '../../format/number.js';
import css from './memory-plan.module.css';

const [width, height, left, bottom] = [640, 240, 64, 20] as const;

/** The arena of a plan over its steps: each rectangle is a tensor, or the working memory of an operator, from when to when. */
export function MemoryPicture({ memory, title }: { readonly memory: PlanMemory; readonly title: string }) {
  const { arenaBytes, steps, rectangles } = memory;
  const x = (step: number): number => left + (step / steps) * (width - left);
  const y = (byte: number): number => (1 - byte / arenaBytes) * height;
  return (
    <svg className={css.picture} viewBox={`0 0 ${width} ${height + bottom}`} role="img" aria-label={title}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line className={css.grid} x1={left} x2={width} y1={y(share * arenaBytes)} y2={y(share * arenaBytes)} />
          <text className={css.label} x={left - 6} y={Math.max(10, y(share * arenaBytes))} textAnchor="end">
            {formatBytes(share * arenaBytes)}
          </text>
        </g>
      ))}
      {rectangles.map(({ kind, maker, from, to, offset, bytes }) => (
        <rect
          key={`${kind} ${from} ${offset}`}
          className={kind === 'scratch' ? css.scratch : css.tensor}
          x={x(from)}
          y={y(offset + bytes)}
          width={x(to + 1) - x(from)}
          height={y(offset) - y(offset + bytes)}
        >
          <title>{`${maker}${kind === 'scratch' ? ', working memory' : ''}: ${formatBytes(bytes)} at ${offset}, steps ${from} to ${to}`}</title>
        </rect>
      ))}
      <text className={css.label} x={left} y={height + bottom - 4}>
        input
      </text>
      <text className={css.label} x={width} y={height + bottom - 4} textAnchor="end">
        {steps} steps, output
      </text>
    </svg>
  );
}
