import type { FleetFrontier, MetricId } from '@hilltop/contracts';
import { useWidth } from '../../ui/use-width.js';
import frame from '../frontier/chart.module.css';
import { StatusShape } from '../frontier/marks.js';
import css from './fleet.module.css';
import { fleetPicture } from './fleet-model.js';

const height = 280;

/** The fleet as a picture; the table below it has every value. Emulated points are hexagons around their mark. */
export function FleetChart({
  fleet,
  axes,
}: {
  readonly fleet: FleetFrontier;
  readonly axes: readonly [MetricId, MetricId];
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const picture = width > 0 ? fleetPicture(fleet.points, axes, { width, height }) : undefined;
  return (
    <div ref={box} style={{ minHeight: height }}>
      {picture && (
        <svg
          className={css.chart}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${picture.x.title} against ${picture.y.title}; the table below has every value`}
        >
          {picture.x.ticks.map(({ at, label }) => (
            <g key={label}>
              <line className={css.grid} x1={at} x2={at} y1={picture.plot.top} y2={picture.plot.bottom} />
              <text className={css.tick} x={at} y={picture.plot.bottom + 16} textAnchor="middle">
                {label}
              </text>
            </g>
          ))}
          {picture.y.ticks.map(({ at, label }) => (
            <g key={label}>
              <line className={css.grid} x1={picture.plot.left} x2={picture.plot.right} y1={at} y2={at} />
              <text className={css.tick} x={picture.plot.left - 6} y={at + 4} textAnchor="end">
                {label}
              </text>
            </g>
          ))}
          {fleet.emulated && (
            <rect
              className={css.frame}
              x={picture.plot.left}
              y={picture.plot.top}
              width={picture.plot.right - picture.plot.left}
              height={picture.plot.bottom - picture.plot.top}
            />
          )}
          <text className={css.title} x={picture.plot.right} y={height - 12} textAnchor="end">
            ← better · {picture.x.title}
          </text>
          <text className={css.title} x={picture.plot.left} y={picture.plot.top - 4}>
            {picture.y.title}
          </text>
          <path className={css.stairs} d={picture.stairs} />
          {picture.marks.map(({ key, point, label, cx, cy, xBar, yBar, anchor, isNamed }) => (
            <g key={key} className={frame[point.status]}>
              {xBar && point.status !== 'dominated' && (
                <line className={css.bar} x1={xBar[0]} x2={xBar[1]} y1={cy} y2={cy} />
              )}
              {yBar && point.status !== 'dominated' && (
                <line className={css.bar} x1={cx} x2={cx} y1={yBar[0]} y2={yBar[1]} />
              )}
              <StatusShape status={point.status} cx={cx} cy={cy} />
              {fleet.emulated && <path className={css.hexagon} d={`M${cx} ${cy - 10}l8.7 5v10l-8.7 5l-8.7-5v-10z`} />}
              {isNamed && (
                <text className={css.name} x={cx + (anchor === 'start' ? 12 : -12)} y={cy - 8} textAnchor={anchor}>
                  {label}
                </text>
              )}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}
