import { type MetricId, type MetricRow, metrics } from '@hilltop/contracts';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useBlocked, useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { Field } from '../../ui/field.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { selectPoint } from '../../view/select-point.js';
import { scopeOf } from '../frontier/scope.js';
import { offeredMetrics } from '../frontier/select-frontiers.js';
import { useFrontiers } from '../frontier/use-frontiers.js';
import type { PanelProps } from '../panel-name.js';
import { ChosenRow } from './chosen-row.js';
import css from './matrix.module.css';
import { MatrixCellView } from './matrix-cell.js';
import { matrixOf } from './matrix-model.js';

/** Rows that are drawn at first; more of them are asked for. */
const pageRows = 60;

/** Variants x devices: value ± half-width and the standing on that device's frontier. A cell chooses its point everywhere. */
export function MatrixPanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const topic = useTopic(`model/${modelId}`);
  const devices = useTopic('lab').entities.device;
  const { all, view, change, protocol } = useFrontiers({ modelId });
  const variants = useValues(topic.entities.variant);
  const runs = useValues(topic.entities.run);
  const blocked = useBlocked('operator');
  const { open } = useDialogs();
  const [shownRows, setShownRows] = useState(pageRows);
  const metric: MetricId = view.metric ?? view.x;
  const { sort } = view;
  const matrix = useMemo(
    () => matrixOf({ variants, frontiers: all, runs, metric, deviceNames: devices, sort }),
    [variants, all, runs, metric, devices, sort],
  );
  if (topic.phase === 'waiting') return <Skeleton rows={5} />;
  if (matrix.rows.length === 0)
    return <Empty>No variant yet. Start a job: its recipes become the rows, its devices the columns.</Empty>;
  const offered = offeredMetrics(all, [metric]);
  const energies = new Map(all.map(({ device, energy }) => [device.id, energy]));
  const chosen = matrix.rows.find((row) => row.key === view.sel);
  return (
    <>
      <div className={css.picker}>
        <Field label="Metric" layout="inline">
          {(control) => (
            <select
              {...control}
              value={metric}
              onChange={(event) => change({ metric: offered.find((m) => m === event.target.value) })}
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
      {chosen && <ChosenRow row={chosen} devices={matrix.devices} modelId={modelId} view={view} change={change} />}
      <ScrollBox label="Matrix of variants and devices">
        <table>
          <thead>
            <tr>
              <th scope="col" className={css.rowHead} aria-sort={sort === undefined ? 'ascending' : 'none'}>
                <SortButton label="Variant" isOn={sort === undefined} onClick={() => change({ sort: undefined })} />
              </th>
              {matrix.devices.map((device) => (
                <th
                  key={device.id}
                  scope="col"
                  className={css.device}
                  aria-sort={sort === device.name ? 'ascending' : 'none'}
                >
                  <Link href={`/devices/${device.name}`}>{device.name}</Link> {device.emulated && <EmulatedBadge />}
                  <SortButton
                    label={`best on ${device.name} first`}
                    isOn={sort === device.name}
                    onClick={() => change({ sort: sort === device.name ? undefined : device.name })}
                    isBare
                  />
                  <span className="caption">{scopeOf(metric, energies.get(device.id))}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.slice(0, shownRows).map((row) => (
              <tr key={row.key}>
                <th scope="row" className={css.rowHead}>
                  {row.label}
                </th>
                {row.cells.map((cell, i) => (
                  <td key={matrix.devices[i]!.id}>
                    <MatrixCellView
                      cell={cell}
                      metric={metric}
                      name={`${row.label} on ${matrix.devices[i]!.name}`}
                      isChosen={row.key === view.sel || (view.compare ?? []).includes(row.key)}
                      onSelect={(how) => change(selectPoint(view, row.key, how))}
                      onMeasure={() =>
                        open('new-job', {
                          modelId,
                          deviceId: matrix.devices[i]!.id,
                          recipe: row.recipe,
                          settings: row.settings,
                          ...(protocol && { protocol }),
                        })
                      }
                      blocked={blocked}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {matrix.rows.length > shownRows && (
        <div>
          <Button size="small" onClick={() => setShownRows(shownRows + pageRows)}>
            Show {Math.min(pageRows, matrix.rows.length - shownRows)} more of {matrix.rows.length}
          </Button>
        </div>
      )}
    </>
  );
}

interface SortButtonProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onClick: () => void;
  /** Only the arrow is drawn. */
  readonly isBare?: boolean;
}

function SortButton({ label, isOn, onClick, isBare = false }: SortButtonProps) {
  return (
    <button type="button" className={css.sort} aria-label={`Sort: ${label}`} aria-pressed={isOn} onClick={onClick}>
      {!isBare && `${label} `}
      <span aria-hidden="true">{isOn ? '▼' : '⇅'}</span>
    </button>
  );
}
