import { type Comparison, changeText, type MetricRow, metrics, pointLabel } from '@hilltop/contracts';
import { plain, type Style } from './style.js';
import { table } from './table.js';
import { formatInterval } from './units.js';

/** A comparison for people: for each other point a table against the reference. What is no difference says that. */
export function comparisonText(
  { device, protocol, points, metrics: compared }: Comparison,
  style: Style = plain,
): string {
  const [reference, ...others] = points;
  if (!reference) return '';
  return others
    .map((point) => {
      const name = pointLabel(point);
      const rows = compared.flatMap((row) => {
        const other = row.others.find(({ key }) => key === point.key);
        return other ? [{ row, other, text: changeText(row, other.change, name) }] : [];
      });
      const heading = `${name} against ${pointLabel(reference)} on ${device.name}${device.emulated ? ' (emulated)' : ''}, ${protocol}`;
      return `${style.bold(heading)}\n${table(
        rows,
        [
          { title: 'Metric', cell: ({ row }) => (metrics[row.metric] as MetricRow).label },
          {
            title: pointLabel(reference),
            align: 'right',
            cell: ({ row }) => formatInterval(row.metric, row.reference),
          },
          { title: name, align: 'right', cell: ({ row, other }) => formatInterval(row.metric, other.value) },
          { title: 'Difference', align: 'right', cell: ({ text }) => text.difference },
          { title: 'Ratio', align: 'right', cell: ({ text }) => text.ratio },
          { title: 'So it is', cell: ({ text }) => text.word },
          { title: 'Sure', cell: ({ text }) => text.sure },
        ],
        style,
      )}`;
    })
    .join('\n');
}
