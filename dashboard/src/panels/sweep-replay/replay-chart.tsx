import { metrics, type Objective, pointLabel } from '@hilltop/contracts';
import { formatMetric } from '../../format/number.js';
import { useWidth } from '../../ui/use-width.js';
import { domainOf, makeScale } from '../frontier/scale.js';
import type { ReplayPoint } from './replay.js';
import css from './sweep-replay.module.css';

const height = 240;

export interface ReplayChartProps {
  readonly points: readonly ReplayPoint[];
  /** Those of the end: the axes do not move while it is replayed. */
  readonly all: readonly ReplayPoint[];
  /** Id of the trial that was the last. */
  readonly newest: string;
  readonly objectives: readonly Objective[];
}

/** What was measured until then: filled where nothing beats it, ringed where it is the newest. */
export function ReplayChart({ points, all, newest, objectives }: ReplayChartProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [xOf, yOf] = objectives as [Objective, Objective];
  const plot = { left: 56, top: 12, right: width - 16, bottom: height - 44 };
  const values = (pick: (point: ReplayPoint) => number): number[] => [...all, ...points].map(pick);
  const scale = ({ metric }: Objective, pick: (point: ReplayPoint) => number, range: readonly [number, number]) => {
    const numbers = values(pick);
    const spread = Math.max(...numbers) / Math.min(...numbers);
    const kind = metrics[metric].scale === 'log' && spread > 10 ? 'log' : 'linear';
    return makeScale(kind, domainOf(kind, numbers) ?? [0, 1], range);
  };
  const x = scale(xOf, (p) => p.x, [plot.left, plot.right]);
  const y = scale(yOf, (p) => p.y, [plot.bottom, plot.top]);
  return (
    <div ref={box} style={{ minHeight: height }}>
      {width > 0 && (
        <svg
          className={css.chart}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${points.length} points, ${points.filter(({ isOn }) => isOn).length} that nothing beats: ${points
            .filter(({ isOn }) => isOn)
            .map(({ trial }) => pointLabel(trial))
            .join(', ')}`}
        >
          {y.ticks(4).map((value) => (
            <g key={value}>
              <line className={css.grid} x1={plot.left} x2={plot.right} y1={y.at(value)} y2={y.at(value)} />
              <text className={css.tick} x={plot.left - 6} y={y.at(value)} textAnchor="end" dominantBaseline="central">
                {formatMetric(yOf.metric, value)}
              </text>
            </g>
          ))}
          {x.ticks(Math.max(3, Math.floor(width / 110))).map((value) => (
            <text key={value} className={css.tick} x={x.at(value)} y={plot.bottom + 16} textAnchor="middle">
              {formatMetric(xOf.metric, value)}
            </text>
          ))}
          <text className={css.axis} x={(plot.left + plot.right) / 2} y={height - 8} textAnchor="middle">
            {arrowed(xOf)}
          </text>
          <text className={css.axis} x={plot.left} y={10}>
            {arrowed(yOf)}
          </text>
          {points.map(({ trial, x: px, y: py, isOn }) => (
            <g key={trial.id}>
              {trial.id === newest && <circle className={css.ring} cx={x.at(px)} cy={y.at(py)} r={10} />}
              <circle className={isOn ? css.on : css.beaten} cx={x.at(px)} cy={y.at(py)} r={isOn ? 5 : 3.5}>
                <title>{`${pointLabel(trial)}: ${formatMetric(xOf.metric, px)}, ${formatMetric(yOf.metric, py)}`}</title>
              </circle>
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

const arrowed = ({ metric, direction }: Objective): string =>
  `${metrics[metric].label} (${direction === 'max' ? 'more is better' : 'less is better'})`;
