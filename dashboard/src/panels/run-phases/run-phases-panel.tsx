import { useStore } from 'zustand';
import { useLab, useNow } from '../../app/lab-context.js';
import { formatBytes, formatShare } from '../../format/number.js';
import { Skeleton } from '../../ui/empty.js';
import { Progress } from '../../ui/progress.js';
import { progressText } from '../devices/progress-text.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { phasesOf } from './phases-model.js';
import css from './run-phases.module.css';

const words = {
  queued: 'queued',
  fetching: 'fetch',
  cooling: 'cool down',
  loading: 'load',
  'warming-up': 'warm up',
  measuring: 'measure',
  evaluating: 'evaluate',
  ended: 'ended',
} as const;
const shapes = { done: '●', now: '▶', ahead: '○' } as const;

/** How far a run is. */
export function RunPhasesPanel({ subject }: PanelProps) {
  const { run } = useRun(subject.runId);
  const live = useStore(useLab().traces.latest, (state) => state.byRun.get(subject.runId ?? ''));
  const now = useNow(1000);
  if (!run) return <Skeleton rows={2} />;
  const isOpen = run.endedAt === undefined;
  const progress = isOpen ? (live ?? run.progress) : undefined;
  return (
    <>
      <ol className={css.phases}>
        {phasesOf(run, isOpen ? live : undefined, now).map((step) => (
          <li key={step.name} className={css[step.state]} aria-current={step.state === 'now' ? 'step' : undefined}>
            <span aria-hidden="true">{shapes[step.state]}</span> {words[step.name]}
            {step.detail && <span className="caption"> {step.detail}</span>}
          </li>
        ))}
      </ol>
      {progress && (
        <>
          <Progress fraction={progress.fraction} label="Progress of the run" />
          <p className="caption">
            {progressText(progress)}, {formatShare(progress.fraction)}
            {live?.totalBytes !== undefined &&
              live.phase === 'fetching' &&
              `, ${formatBytes(live.fetchedBytes ?? 0)} of ${formatBytes(live.totalBytes)}`}
          </p>
        </>
      )}
    </>
  );
}
