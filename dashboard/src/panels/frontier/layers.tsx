import { memo, useId } from 'react';
import type { Bin } from './bin-marks.js';
import type { Rectangle } from './brush.js';
import css from './chart.module.css';
import type { ChartModel, Limit } from './chart-model.js';
import type { Ghost } from './ghost.js';

/** What lies behind the marks: excluded half-planes with their lines, the baseline, the band and the stairs. */
export const Ground = memo(function Ground({
  plot,
  limits,
  band,
  stairs,
  ghost,
}: Pick<ChartModel, 'plot' | 'limits' | 'band' | 'stairs'> & { readonly ghost: Ghost | undefined }) {
  const hatch = useId();
  return (
    <>
      <defs>
        <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line className={css.hatch} x1="0" x2="0" y1="0" y2="8" />
        </pattern>
      </defs>
      {band && <path className={css.band} d={band} data-testid="frontier-band" />}
      {limits.map((limit) => (
        <LimitView key={`${limit.axis} ${limit.label}`} limit={limit} plot={plot} hatch={hatch} />
      ))}
      {ghost && <GhostView ghost={ghost} plot={plot} />}
      <path className={css.stairs} d={stairs} />
    </>
  );
});

interface LimitViewProps {
  readonly limit: Limit;
  readonly plot: ChartModel['plot'];
  readonly hatch: string;
}

function LimitView({ limit, plot, hatch }: LimitViewProps) {
  const isLate = limit.at > plot.right - 120;
  return (
    <g>
      <rect {...limit.excluded} fill={`url(#${hatch})`} opacity={0.55} />
      {limit.axis === 'y' ? (
        <>
          <line className={css.limit} x1={plot.left} x2={plot.right} y1={limit.at} y2={limit.at} />
          <text
            className={css.limitLabel}
            x={plot.right - 4}
            y={limit.at < plot.top + 20 ? limit.at + 16 : limit.at - 8}
            textAnchor="end"
          >
            {limit.label}
          </text>
        </>
      ) : (
        <>
          <line className={css.limit} x1={limit.at} x2={limit.at} y1={plot.top} y2={plot.bottom} />
          <text
            className={css.limitLabel}
            x={isLate ? limit.at - 6 : limit.at + 6}
            y={plot.top + 12}
            textAnchor={isLate ? 'end' : 'start'}
          >
            {limit.label}
          </text>
        </>
      )}
    </g>
  );
}

function GhostView({ ghost, plot }: { readonly ghost: Ghost; readonly plot: ChartModel['plot'] }) {
  const head = useId();
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can be focused
    <g data-testid="frontier-ghost" aria-hidden="true">
      <defs>
        <marker id={head} viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto">
          <path className={css.arrowHead} d="M0 0L6 3L0 6Z" />
        </marker>
      </defs>
      <path className={css.ghost} d={ghost.path} />
      {ghost.moves.map(({ key, from, to }) => (
        <line key={key} className={css.moved} x1={from.x} y1={from.y} x2={to.x} y2={to.y} markerEnd={`url(#${head})`} />
      ))}
      <text
        className={css.ghostLabel}
        x={ghost.place.x - (ghost.place.x > (plot.left + plot.right) / 2 ? 4 : -4)}
        y={ghost.place.y + 13 > plot.bottom ? ghost.place.y - 5 : ghost.place.y + 13}
        textAnchor={ghost.place.x > (plot.left + plot.right) / 2 ? 'end' : 'start'}
      >
        {ghost.label}
      </text>
    </g>
  );
}

/** Dominated points that share a cell: the more, the larger; each of them is in the card, the keys and the table. */
export const Bins = memo(function Bins({ bins }: { readonly bins: readonly Bin[] }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can be focused
    <g aria-hidden="true">
      {bins.map(({ id, cx, cy, marks }) => (
        <circle
          key={id}
          className={`${css.bin} ${marks.some((mark) => mark.feasible) ? '' : css.infeasible}`}
          cx={cx}
          cy={cy}
          r={Math.min(3, 1.6 + Math.log2(marks.length) * 0.35)}
          data-count={marks.length}
        />
      ))}
    </g>
  );
});

/** How many points lie outside of the picture, on the side where they lie. */
export function Beyond({ beyond, plot }: Pick<ChartModel, 'beyond' | 'plot'>) {
  const middle = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
  const places = {
    left: { x: plot.left + 12, y: middle.y, textAnchor: 'start', sign: '◂' },
    right: { x: plot.right - 12, y: middle.y, textAnchor: 'end', sign: '▸' },
    top: { x: middle.x, y: plot.top + 22, textAnchor: 'middle', sign: '▴' },
    bottom: { x: middle.x, y: plot.bottom - 12, textAnchor: 'middle', sign: '▾' },
  } as const;
  return (['left', 'right', 'top', 'bottom'] as const).map((side) => {
    const { sign, ...place } = places[side];
    return (
      beyond[side] !== undefined && (
        <text key={side} className={css.beyond} data-side={side} {...place}>
          {sign} {beyond[side]} outside
        </text>
      )
    );
  });
}

export function BrushView({ rectangle }: { readonly rectangle: Rectangle }) {
  const { left, top, right, bottom } = rectangle;
  return <rect className={css.brush} x={left} y={top} width={right - left} height={bottom - top} />;
}
