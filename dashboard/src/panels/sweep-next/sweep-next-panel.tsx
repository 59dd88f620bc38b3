import { hasSweepEnded, pointLabel } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { Skeleton } from '../../ui/empty.js';
import { TrialStateMark } from '../../ui/state-mark.js';
import type { PanelProps } from '../panel-name.js';
import css from './sweep-next.module.css';

/** What runs and what comes next, each with the reason why it was chosen. */
export function SweepNextPanel({ subject }: PanelProps) {
  const topic = useTopic(subject.sweepId ? `sweep/${subject.sweepId}` : undefined);
  const sweep = topic.entities.sweep.get(subject.sweepId ?? '');
  const open = useValues(topic.entities.trial)
    .filter(({ state }) => state === 'proposed' || state === 'running')
    .sort((a, b) => a.number - b.number);
  if (topic.phase === 'waiting' || !sweep) return <Skeleton rows={2} />;
  if (open.length === 0)
    return (
      <p className="muted">
        {hasSweepEnded(sweep.state)
          ? `It has ended${sweep.note ? `: ${sweep.note}` : '.'}`
          : sweep.state === 'paused'
            ? 'Paused: nothing new begins until it is resumed.'
            : 'Nothing is chosen yet.'}
      </p>
    );
  return (
    <ol className={css.list}>
      {open.map((trial) => (
        <li key={trial.id}>
          <p>
            <TrialStateMark state={trial.state} />{' '}
            {trial.jobId ? <Link href={`/jobs/${trial.jobId}`}>{pointLabel(trial)}</Link> : pointLabel(trial)} on{' '}
            {trial.deviceName}
          </p>
          <p className="caption">
            <strong>{trial.reason}</strong> {trial.why}
          </p>
        </li>
      ))}
    </ol>
  );
}
