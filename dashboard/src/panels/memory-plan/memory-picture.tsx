import type { PlanMemory } from '@hilltop/contracts';
import { formatBytes } from '../../format/number.js';
import { useWidth } from '../../ui/use-width.js';
import css from './memory-plan.module.css';

const [height, left, bottom] = [240, 64, 36] as const;
/** Room for the number of a step, px; where steps are narrower only some have theirs. */
const stepNumberPx = 26;

/** The arena of a plan over its steps: each rectangle is a tensor, or the working memory of an operator, from when to when. */
export function MemoryPicture({ memory, title }: { readonly memory: PlanMemory; readonly title: string }) {
  const [box, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={box} className={css.picture}>
      {width > 0 && <Drawing memory={memory} title={title} width={width} />}
    </div>
  );
}

function Drawing({ memory, title, width }: { memory: PlanMemory; title: string; width: number }) {
  const { arenaBytes, steps, rectangles } = memory;
  const x = (step: number): number => left + (step / steps) * (width - left);
  const y = (byte: number): number => 8 + (1 - byte / arenaBytes) * (height - 8);
  const every = Math.ceil(stepNumberPx / (x(1) - x(0)));
  const operators = Array.from({ length: steps - 2 }, (_, i) => i + 1).filter((step) => step % every === 0);
  return (
    <svg width={width} height={height + bottom} role="img" aria-label={title}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line className={css.grid} x1={left} x2={width} y1={y(share * arenaBytes)} y2={y(share * arenaBytes)} />
          <text className={css.label} x={left - 6} y={y(share * arenaBytes)} dominantBaseline="middle" textAnchor="end">
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
      {operators.map((step) => (
        <text key={step} className={css.label} x={x(step + 0.5)} y={height + 14} textAnchor="middle">
          {step}
        </text>
      ))}
      <text className={css.label} x={left} y={height + 30}>
        input
      </text>
      <text className={css.label} x={(left + width) / 2} y={height + 30} textAnchor="middle">
        step of the plan
      </text>
      <text className={css.label} x={width} y={height + 30} textAnchor="end">
        output
      </text>
    </svg>
  );
}
