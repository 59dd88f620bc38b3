import type { FrontierPoint, MetricId } from '@hilltop/contracts';
import { memo } from 'react';
import css from './chart.module.css';
import type { Mark } from './chart-model.js';
import { describePoint } from './describe.js';

/** The shape of a status, centred on a place: shape first, colour second. */
export function StatusShape({
  status,
  cx = 0,
  cy = 0,
}: {
  readonly status: FrontierPoint['status'];
  readonly cx?: number;
  readonly cy?: number;
}) {
  switch (status) {
    case 'on':
      return <circle className={css.mark} cx={cx} cy={cy} r={5.5} />;
    case 'uncertain':
      return (
        <path className={css.mark} d={`M${cx} ${cy - 6.5}L${cx + 6.5} ${cy}L${cx} ${cy + 6.5}L${cx - 6.5} ${cy}Z`} />
      );
    case 'dominated':
      return <circle className={css.mark} cx={cx} cy={cy} r={3} />;
  }
}

/** A status mark on its own, for legends, tables and cards. */
export function StatusMark({ status }: { readonly status: FrontierPoint['status'] }) {
  return (
    <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true" className={css[status]}>
      <StatusShape status={status} />
    </svg>
  );
}

export interface PointProps {
  readonly mark: Mark;
  readonly x: MetricId;
  readonly y: MetricId;
  readonly isTabStop: boolean;
  readonly isPinned: boolean;
  readonly isActive: boolean;
}

/** One point: intervals, mark, triangle when disturbed, name, rings. Drawn again only when it changes itself. */
export const ChartPoint = memo(function ChartPoint({ mark, x, y, isTabStop, isPinned, isActive }: PointProps) {
  const { cx, cy } = mark;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in SVG
    <g
      role="button"
      tabIndex={isTabStop ? 0 : -1}
      aria-label={describePoint(mark, [x, y])}
      aria-pressed={isPinned}
      className={`${css.point} ${css[mark.status]} ${mark.feasible ? '' : css.infeasible}`}
      data-key={mark.key}
      data-testid={`frontier-point-${mark.point.recipe}`}
      data-status={mark.status}
      data-feasible={mark.feasible}
      data-active={isActive || undefined}
    >
      <circle className={css.hit} cx={cx} cy={cy} r={12} />
      {mark.xBar && <line className={css.bar} x1={mark.xBar[0]} x2={mark.xBar[1]} y1={cy} y2={cy} />}
      {mark.yBar && <line className={css.bar} x1={cx} x2={cx} y1={mark.yBar[0]} y2={mark.yBar[1]} />}
      <StatusShape status={mark.status} cx={cx} cy={cy} />
      {mark.disturbed && <path className={css.triangle} d={`M${cx + 9} ${cy - 12}l3.8 6.8h-7.6z`} />}
      {isPinned && <circle className={css.ring} cx={cx} cy={cy} r={10} />}
      <circle className={css.focusRing} cx={cx} cy={cy} r={13} />
      {mark.name && (
        <text
          className={css.name}
          x={mark.name.x}
          y={mark.name.y}
          textAnchor={mark.name.anchor}
          dominantBaseline="central"
        >
          {mark.label}
        </text>
      )}
    </g>
  );
});
