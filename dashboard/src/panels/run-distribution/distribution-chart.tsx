import { makeScale } from '@hilltop/contracts';
import { formatMetric, formatNumber } from '../../format/number.js';
import type { Distribution, DistributionMark } from './distribution.js';
import css from './run-distribution.module.css';

const left = 46;
const right = 12;
/** A row of names above the picture: they would cover each other where the quantiles lie close. */
const nameRow = 21;
const plotHeight = 120;
const between = 16;
const axisHeight = 38;
/** Told apart by dash and name before colour. */
const dashes = { p50: '', p90: '6 3', p99: '2 3' } as const;

const ms = (value: number): string => formatMetric('latency_p50_ms', value);

/** Histogram above, cumulative share below, on one time axis. */
export function DistributionChart({
  distribution,
  width,
}: {
  readonly distribution: Distribution;
  readonly width: number;
}) {
  const { from, to, bins, cumulative, marks, count } = distribution;
  const top = 4 + nameRow * marks.length;
  const split = top + plotHeight;
  const second = split + between;
  const bottom = second + plotHeight;
  const x = makeScale('linear', [from, to], [left, Math.max(left + 1, width - right)]);
  const within = (value: number): number => x.at(Math.min(to, Math.max(from, value)));
  const highest = Math.max(...bins.map((bin) => bin.share));
  const y = makeScale('linear', [0, highest || 1], [split, top]);
  const sums = makeScale('linear', [0, 1], [bottom, second]);
  const ticks = x.ticks(width < 420 ? 4 : 7);
  // Steps: the share holds until the next latency.
  const curve = cumulative.reduce(
    (path, { x: at, share }) => `${path}H${x.at(at).toFixed(1)}V${sums.at(share).toFixed(1)}`,
    `M${left},${bottom}`,
  );
  return (
    <svg
      className={css.chart}
      viewBox={`0 0 ${width} ${bottom + axisHeight}`}
      role="img"
      aria-label={`Distribution of ${count} latencies: ${marks.map(said).join('; ')}`}
      data-testid="run-distribution"
    >
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line className={css.grid} x1={left} x2={width - right} y1={sums.at(share)} y2={sums.at(share)} />
          <text className={css.tick} x={left - 6} y={sums.at(share)} textAnchor="end" dominantBaseline="central">
            {percent(share)}
          </text>
        </g>
      ))}
      {[0, highest].map((share) => (
        <g key={share}>
          <line className={css.grid} x1={left} x2={width - right} y1={y.at(share)} y2={y.at(share)} />
          {share > 0 && (
            <text className={css.tick} x={left - 6} y={y.at(share)} textAnchor="end" dominantBaseline="central">
              {percent(share)}
            </text>
          )}
        </g>
      ))}
      {bins.map((bin) => (
        <rect
          key={bin.from}
          className={css.bin}
          x={x.at(bin.from)}
          width={Math.max(0.5, x.at(bin.to) - x.at(bin.from) - 0.5)}
          y={y.at(bin.share)}
          height={split - y.at(bin.share)}
        >
          <title>{`${ms(bin.from)} to ${ms(bin.to)}: ${bin.count}`}</title>
        </rect>
      ))}
      <path className={css.curve} d={`${curve}H${(width - right).toFixed(1)}`} />
      {marks.map((mark, i) => {
        const at = within(mark.value);
        const isBeyond = mark.value > to;
        const isRight = at > width * 0.6;
        return (
          <g key={mark.name}>
            {!isBeyond && (
              <line
                className={css.mark}
                x1={at}
                x2={at}
                y1={4 + nameRow * i}
                y2={bottom}
                strokeDasharray={dashes[mark.name]}
              />
            )}
            {mark.low !== undefined && mark.high !== undefined && mark.low < mark.high && (
              <rect
                className={css.interval}
                x={within(mark.low)}
                width={within(mark.high) - within(mark.low)}
                y={nameRow * (i + 1) - 3}
                height={4}
              />
            )}
            <text
              className={css.name}
              x={at + (isRight ? -4 : 4)}
              y={nameRow * (i + 1) - 7}
              textAnchor={isRight ? 'end' : 'start'}
            >
              {mark.name} {ms(mark.value)}
              {isBeyond && ' ▸'}
            </text>
          </g>
        );
      })}
      {ticks.map((tick) => (
        <text key={tick} className={css.tick} x={x.at(tick)} y={bottom + 16} textAnchor="middle">
          {ms(tick)}
        </text>
      ))}
      <text className={css.axis} x={(left + width - right) / 2} y={bottom + 33} textAnchor="middle">
        latency
      </text>
    </svg>
  );
}

const said = ({ name, value, low, high }: DistributionMark): string =>
  `${name} ${ms(value)}${low === undefined || high === undefined ? '' : `, between ${ms(low)} and ${ms(high)}`}`;

const percent = (share: number): string => `${formatNumber(share * 100, share === 0 || share === 1 ? 3 : 2)}\u00a0%`;
