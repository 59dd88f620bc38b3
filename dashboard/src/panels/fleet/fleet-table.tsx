import { type FleetFrontier, type MetricId, type MetricRow, metrics, pointKey, pointLabel } from '@hilltop/contracts';
import { ScrollBox } from '../../ui/scroll-box.js';
import { statusWords } from '../frontier/describe.js';
import { StatusMark } from '../frontier/marks.js';
import css from './fleet.module.css';
import { fleetInterval, isRatio } from './fleet-model.js';

export interface FleetTableProps {
  readonly fleet: FleetFrontier;
  readonly axes: readonly [MetricId, MetricId];
  readonly nameOf: (id: string) => string;
}

/** The same as a table: worst value, on which device, how many devices it covers. */
export function FleetTable({ fleet, axes, nameOf }: FleetTableProps) {
  const rank = { on: 0, uncertain: 1, dominated: 2 };
  const [first] = axes;
  const points = [...fleet.points].sort(
    (a, b) => rank[a.status] - rank[b.status] || (a.values[first]?.value ?? 0) - (b.values[first]?.value ?? 0),
  );
  const title = fleet.emulated ? 'Table of the emulated fleet' : 'Table of the fleet';
  return (
    <ScrollBox label={title}>
      <table>
        <caption className="hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Recipe</th>
            {axes.map((metric) => (
              <th key={metric} scope="col" className="number">
                {(metrics[metric] as MetricRow).label}
                {isRatio(metric) && ', of fp32'}
              </th>
            ))}
            <th scope="col">Standing</th>
            <th scope="col">Measured on</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={pointKey(point)}>
              <th scope="row">{pointLabel(point)}</th>
              {axes.map((metric) => {
                const value = point.values[metric];
                return (
                  <td key={metric} className="number">
                    {value ? fleetInterval(metric, value) : 'not measured'}
                    {value && fleet.devices.length > 1 && <span className="caption"> {nameOf(value.deviceId)}</span>}
                  </td>
                );
              })}
              <td>
                <span className={css.cell}>
                  <StatusMark status={point.status} />
                  {statusWords[point.status]}, {point.probability.toFixed(2)} sure
                </span>
              </td>
              <td className={point.coverage.k < point.coverage.n ? css.part : undefined}>
                {point.coverage.k} of {point.coverage.n}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
