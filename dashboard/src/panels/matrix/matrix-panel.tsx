import { type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { formatInterval } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { Field } from '../../ui/field.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { statusWords } from '../frontier/describe.js';
import { StatusMark } from '../frontier/marks.js';
import { scopeOf } from '../frontier/scope.js';
import { offeredMetrics } from '../frontier/select-frontiers.js';
import { useFrontiers } from '../frontier/use-frontiers.js';
import type { PanelProps } from '../panel-name.js';
import css from './matrix.module.css';
import { type MatrixCell, matrixOf } from './matrix-model.js';

/** Variants x devices: value ± half-width and the status on that device's frontier. */
export function MatrixPanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const topic = useTopic(`model/${modelId}`);
  const devices = useTopic('lab').entities.device;
  const { all, view } = useFrontiers({ modelId });
  const variants = useValues(topic.entities.variant);
  const runs = useValues(topic.entities.run);
  const [chosen, setChosen] = useState<MetricId>();
  const metric = chosen ?? view.x;
  const matrix = useMemo(
    () => matrixOf({ variants, frontiers: all, runs, metric, deviceNames: devices }),
    [variants, all, runs, metric, devices],
  );
  if (topic.phase === 'waiting') return <Skeleton rows={5} />;
  if (matrix.rows.length === 0)
    return <Empty>No variant yet. Start a job: its recipes become the rows, its devices the columns.</Empty>;
  const offered = offeredMetrics(all, [metric]);
  const energies = new Map(all.map(({ device, energy }) => [device.id, energy]));
  return (
    <>
      <div className={css.picker}>
        <Field label="Metric" layout="inline">
          {(control) => (
            <select
              {...control}
              value={metric}
              onChange={(event) => setChosen(offered.find((m) => m === event.target.value))}
            >
              {offered.map((id) => (
                <option key={id} value={id}>
                  {(metrics[id] as MetricRow).label}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <ScrollBox label="Matrix of variants and devices">
        <table>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              {matrix.devices.map((device) => (
                <th key={device.id} scope="col" className={css.device}>
                  <Link href={`/devices/${device.name}`}>{device.name}</Link> {device.emulated && <EmulatedBadge />}
                  <span className="caption">{scopeOf(metric, energies.get(device.id))}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <tr key={row.key}>
                <th scope="row" className={css.rowHead}>
                  {row.label}
                </th>
                {row.cells.map((cell, i) => (
                  <td key={matrix.devices[i]!.id}>
                    <CellView cell={cell} metric={metric} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </>
  );
}

function CellView({ cell, metric }: { readonly cell: MatrixCell; readonly metric: MetricId }) {
  switch (cell.kind) {
    case 'value':
      return (
        <span className={css.cell} title={cell.status && statusWords[cell.status]}>
          {cell.status && <StatusMark status={cell.status} />}
          {cell.status && <span className="hidden">{statusWords[cell.status]}</span>}
          {cell.value && (
            <Link href={`/runs/${cell.runId}`} className={css.value}>
              {formatInterval(metric, cell.value)}
            </Link>
          )}
        </span>
      );
    case 'running':
      return (
        <Link href={`/runs/${cell.runId}`} className={css.value}>
          {cell.text}
        </Link>
      );
    case 'failed':
      return (
        <Link href={`/runs/${cell.runId}`} className={css.failed} title={cell.text}>
          ■ failed
        </Link>
      );
    case 'none':
      return <span className="caption">not run</span>;
  }
}
