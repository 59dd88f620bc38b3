import { type MetricRow, metricIds, metrics } from '@hilltop/contracts';
import { formatMetric, formatRange } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';

/** What the run measured, with 95 % intervals. What was not measured is not in the list. */
export function RunMetricsPanel({ subject }: PanelProps) {
  const { run } = useRun(subject.runId);
  if (!run) return <Skeleton rows={5} />;
  const rows = metricIds.flatMap((metric) => {
    const value = run.metrics[metric];
    return value ? [{ metric, row: metrics[metric] as MetricRow, value }] : [];
  });
  if (rows.length === 0)
    return (
      <Empty>{run.endedAt ? 'This run ended without a metric.' : 'The metrics come when the run has ended.'}</Empty>
    );
  return (
    <ScrollBox label="Metrics of this run">
      <table>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" className="number">
              Value
            </th>
            <th scope="col" className="number">
              95 % interval
            </th>
            <th scope="col" className="number">
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ metric, row, value }) => (
            <tr key={metric}>
              <th scope="row" style={{ color: 'var(--ink)', fontSize: 'var(--text-body)' }}>
                {row.label} <Direction of={row.direction} />
              </th>
              <td className="number">{formatMetric(metric, value.value)}</td>
              <td className="number">
                {value.low !== undefined && value.low === value.high ? 'all equal' : formatRange(metric, value)}
              </td>
              <td className="number">{value.n}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** Which way is better, as a mark with its words. */
function Direction({ of }: { readonly of: MetricRow['direction'] }) {
  if (of === 'none') return null;
  const words = of === 'min' ? 'lower is better' : 'higher is better';
  return (
    <span className="caption" title={words}>
      <span aria-hidden="true">{of === 'min' ? '▼' : '▲'}</span>
      <span className="hidden">{words}</span>
    </span>
  );
}
