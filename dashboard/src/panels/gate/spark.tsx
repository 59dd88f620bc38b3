import { formatNumber } from '../../format/number.js';
import css from './gate.module.css';

const width = 132;
const height = 26;
const pad = 4;

export interface SparkProps {
  readonly values: readonly number[];
  /** What it is of, for those who do not see it. */
  readonly label: string;
}

/** Nights as a line from the oldest to tonight, each drawn against the lowest and highest of them. */
export function Spark({ values, label }: SparkProps) {
  if (values.length < 2) return <span className="caption">{values.length === 1 ? 'first night' : ''}</span>;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i: number): number => pad + (i * (width - 2 * pad)) / (values.length - 1);
  const y = (value: number): number =>
    high === low ? height / 2 : height - pad - ((value - low) / (high - low)) * (height - 2 * pad);
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
  const last = values.length - 1;
  return (
    <svg
      className={css.spark}
      width={width}
      height={height}
      role="img"
      aria-label={`${label}: ${values.length} nights, from ${formatNumber(values[0]!)} to ${formatNumber(values[last]!)}, between ${formatNumber(low)} and ${formatNumber(high)}`}
    >
      <polyline points={points.join(' ')} />
      <circle cx={x(last)} cy={y(values[last]!)} r={3} />
    </svg>
  );
}
