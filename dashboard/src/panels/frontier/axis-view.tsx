import css from './chart.module.css';
import type { Axis, ChartModel } from './chart-model.js';

export interface AxisViewProps {
  readonly axis: Axis;
  readonly side: 'x' | 'y';
  readonly plot: ChartModel['plot'];
  readonly model: Pick<ChartModel, 'height'>;
}

/** Grid, ticks and title. The arrow points where it is better; the axis itself is never turned round. */
export function AxisView({ axis, side, plot, model }: AxisViewProps) {
  const title = axis.direction === 'min' ? `← better\u2003${axis.title}` : `${axis.title}\u2003better →`;
  const middle = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in an axis can be focused
    <g aria-hidden="true">
      {axis.ticks.map((tick) =>
        side === 'x' ? (
          <g key={tick.label}>
            <line className={css.grid} x1={tick.at} x2={tick.at} y1={plot.top} y2={plot.bottom} />
            <text className={css.tick} x={tick.at} y={plot.bottom + 17} textAnchor="middle">
              {tick.label}
            </text>
          </g>
        ) : (
          <g key={tick.label}>
            <line className={css.grid} x1={plot.left} x2={plot.right} y1={tick.at} y2={tick.at} />
            <text className={css.tick} x={plot.left - 8} y={tick.at} textAnchor="end" dominantBaseline="central">
              {tick.label}
            </text>
          </g>
        ),
      )}
      {side === 'x' ? (
        <text className={css.axis} x={middle.x} y={model.height - 8} textAnchor="middle">
          {title}
        </text>
      ) : (
        <text className={css.axis} transform={`translate(13 ${middle.y}) rotate(-90)`} textAnchor="middle">
          {title}
        </text>
      )}
    </g>
  );
}
