import { formatMetric } from '../../format/number.js';
import css from './devices.module.css';
import { type Spark, type SparkKey, sparkPath } from './spark.js';

const words = {
  latencyMs: 'latency',
  powerW: 'power',
  temperatureC: 'temperature',
  loadAverage: 'load',
} as const satisfies Record<SparkKey, string>;

export function sparkText(key: SparkKey, value: number): string {
  switch (key) {
    case 'latencyMs':
      return formatMetric('latency_p50_ms', value);
    case 'powerW':
      return formatMetric('power_mean_w', value);
    case 'temperatureC':
      return `${Math.round(value)}\u00a0°C`;
    case 'loadAverage':
      return `load ${value.toFixed(1)}`;
  }
}

const [width, height, spanMs] = [120, 20, 60_000];

/** The last minute of one quantity, with its newest value. */
export function Sparkline({ spark, nowMs }: { readonly spark: Spark; readonly nowMs: number }) {
  const text = sparkText(spark.key, spark.newest);
  return (
    <div className={css.spark} title={`${words[spark.key]} over the last minute`}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true" data-spark={spark.key}>
        <path d={sparkPath(spark.points, { width, height, nowMs, spanMs })} vectorEffect="non-scaling-stroke" />
      </svg>
      <span>
        <span className="hidden">{words[spark.key]} </span>
        {text}
      </span>
    </div>
  );
}
