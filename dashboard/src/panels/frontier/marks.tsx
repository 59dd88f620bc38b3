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
  factor = 1,
  share,
}: {
  readonly status: FrontierPoint['status'];
  readonly cx?: number;
  readonly cy?: number;
  /** Times the usual size. */
  readonly factor?: number;
  /** Where a colour scale has it, 0 to 1; absent: the colour of the status. */
  readonly share?: number | undefined;
}) {
  const style = share === undefined ? undefined : { fill: rampColour(share) };
  const r = Number((6.5 * factor).toFixed(2));
  switch (status) {
    case 'on':
      return <circle className={css.mark} cx={cx} cy={cy} r={5.5 * factor} style={style} />;
    case 'uncertain':
      return (
        <path
          className={css.mark}
          d={`M${cx} ${cy - r}L${cx + r} ${cy}L${cx} ${cy + r}L${cx - r} ${cy}Z`}
          style={style}
        />
      );
    case 'dominated':
      return <circle className={css.mark} cx={cx} cy={cy} r={3 * factor} style={style} />;
  }
}

/** Light to dark of one hue (dark to light on a dark ground): order is seen without telling hues apart. */
export const rampColour = (share: number): string =>
  `color-mix(in oklab, var(--ramp-high) ${(share * 100).toFixed(0)}%, var(--ramp-low))`;

/** A point outside of the picture: it points to where it is. */
const arrows = {
  left: 'M-5 0L4 -5V5Z',
  right: 'M5 0L-4 -5V5Z',
  top: 'M0 -5L-5 4H5Z',
  bottom: 'M0 5L-5 -4H5Z',
} as const;

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
  readonly isCompared: boolean;
  readonly factor: number;
  readonly share: number | undefined;
}

/** One point: intervals, mark, triangle when disturbed, name, rings. Drawn again only when it changes itself. */
export const ChartPoint = memo(function ChartPoint({
  mark,
  x,
  y,
  isTabStop,
  isPinned,
  isActive,
  isCompared,
  factor,
  share,
}: PointProps) {
  const { cx, cy } = mark;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in SVG
    <g
      role="button"
      tabIndex={isTabStop ? 0 : -1}
      aria-label={describePoint(mark, [x, y])}
      aria-pressed={isPinned || isCompared}
      className={`${css.point} ${css[mark.status]} ${mark.feasible ? '' : css.infeasible}`}
      data-key={mark.key}
      data-testid={`frontier-point-${mark.point.recipe}`}
      data-status={mark.status}
      data-feasible={mark.feasible}
      data-active={isActive || undefined}
      data-compared={isCompared || undefined}
    >
      <circle className={css.hit} cx={cx} cy={cy} r={12} />
      {mark.xBar && <line className={css.bar} x1={mark.xBar[0]} x2={mark.xBar[1]} y1={cy} y2={cy} />}
      {mark.yBar && <line className={css.bar} x1={cx} x2={cx} y1={mark.yBar[0]} y2={mark.yBar[1]} />}
      {mark.beyond ? (
        <path className={css.mark} d={arrows[mark.beyond]} transform={`translate(${cx} ${cy})`} />
      ) : (
        <StatusShape status={mark.status} cx={cx} cy={cy} factor={factor} share={share} />
      )}
      {mark.disturbed && <path className={css.triangle} d={`M${cx + 9} ${cy - 12}l3.8 6.8h-7.6z`} />}
      {isCompared && <rect className={css.compared} x={cx - 9} y={cy - 9} width={18} height={18} rx={3} />}
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
