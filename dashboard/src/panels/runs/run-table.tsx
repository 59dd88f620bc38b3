import { type MetricId, metrics, type Run } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useStore } from 'zustand';
import { useLab } from '../../app/lab-context.js';
import { formatInterval, formatShare } from '../../format/number.js';
import { Ago } from '../../ui/ago.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { RunStateMark, VerdictMark } from '../../ui/state-mark.js';
import { progressText } from '../devices/progress-text.js';
import { pointLabel } from '../frontier/point.js';
import { Repetition } from './repetition.js';
import css from './runs.module.css';

export interface RunTableProps {
  readonly label: string;
  readonly runs: readonly Run[];
  /** The column beside the recipe: what differs from row to row. */
  readonly also: 'device' | 'model';
  readonly modelName: (modelId: string) => string;
}

const columns = [
  ['latency_p50_ms', 'Latency p50'],
  ['accuracy', 'Quality'],
  ['memory_peak_bytes', 'Peak memory'],
] as const satisfies readonly (readonly [MetricId, string])[];

/** What stands in a column where its own metric was not measured: boards have an arena, not a process. */
const instead: Partial<Record<MetricId, MetricId>> = { accuracy: 'agreement', memory_peak_bytes: 'arena_bytes' };

/** Runs as rows: state with progress or cause, the main metrics, the verdict. */
export function RunTable({ label, runs, also, modelName }: RunTableProps) {
  return (
    <ScrollBox label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">{also === 'device' ? 'Device' : 'Model'}</th>
            <th scope="col">State</th>
            {columns.map(([metric, title]) => (
              <th key={metric} scope="col" className="number">
                {title}
              </th>
            ))}
            <th scope="col">Verdict</th>
            <th scope="col" className="number">
              Ended
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id} data-testid={`run-row-${run.id}`}>
              <th scope="row" className={css.recipe}>
                <Link href={`/runs/${run.id}`}>{pointLabel(run)}</Link>
              </th>
              <td className={css.name}>
                {also === 'device' ? (
                  <Link href={`/devices/${run.deviceName}`}>{run.deviceName}</Link>
                ) : (
                  <Link href={`/models/${run.modelId}`}>{modelName(run.modelId)}</Link>
                )}
              </td>
              <td>
                <RunStateMark state={run.state} />
                <RunDetail run={run} />
              </td>
              {columns.map(([metric]) => {
                const other = instead[metric];
                const used = run.metrics[metric] || !other ? metric : other;
                const value = run.metrics[used];
                return (
                  <td
                    key={metric}
                    className="number"
                    title={value && used !== metric ? metrics[used].label : undefined}
                  >
                    {value && formatInterval(used, value)}
                  </td>
                );
              })}
              <td>
                {run.verdict && <VerdictMark verdict={run.verdict.verdict} />}
                <Repetition run={run} />
              </td>
              <td className="number">{run.endedAt && <Ago instant={run.endedAt} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** What the state does not say: how far, or why. */
function RunDetail({ run }: { readonly run: Run }) {
  const live = useStore(useLab().traces.latest, (state) => state.byRun.get(run.id));
  if (run.error) return <p className={css.error}>{run.error.message}</p>;
  const attempt = run.attempt > 1 ? `attempt ${run.attempt}` : '';
  if (run.state !== 'running' && run.state !== 'preparing')
    return attempt === '' ? null : <p className="caption">{attempt}</p>;
  const progress = live ?? run.progress;
  return (
    <p className="caption">
      {[progressText(progress), progress && formatShare(progress.fraction), attempt].filter(Boolean).join(' · ')}
    </p>
  );
}
