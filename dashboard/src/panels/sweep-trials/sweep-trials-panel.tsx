import { hasSweepEnded, type MetricId, metrics, type Trial } from '@hilltop/contracts';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { formatInterval, formatNumber } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { TrialStateMark } from '../../ui/state-mark.js';
import { pointLabel } from '../frontier/point.js';
import type { PanelProps } from '../panel-name.js';
import css from './sweep-trials.module.css';

/** Rows that are drawn at once; the lab sends the newest anyway. */
const shownTrials = 200;

/** Every trial with the reason why it was chosen, the newest first. */
export function SweepTrialsPanel({ subject }: PanelProps) {
  const topic = useTopic(subject.sweepId ? `sweep/${subject.sweepId}` : undefined);
  const sweep = topic.entities.sweep.get(subject.sweepId ?? '');
  const all = useValues(topic.entities.trial);
  const trials = useMemo(() => [...all].sort((a, b) => b.number - a.number).slice(0, shownTrials), [all]);
  if (topic.phase === 'waiting' || !sweep) return <Skeleton rows={4} />;
  if (trials.length === 0)
    return (
      <Empty>
        {hasSweepEnded(sweep.state) ? 'It made no trial.' : 'The first trial comes when its variants are made.'}
      </Empty>
    );
  const columns = sweep.objectives.map(({ metric }) => metric);
  return (
    <ScrollBox label="Trials, the newest first">
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              Trial
            </th>
            <th scope="col">What</th>
            <th scope="col">Device</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            {columns.map((metric) => (
              <th key={metric} scope="col" className="number">
                {metrics[metric].label}
              </th>
            ))}
            <th scope="col" className="number">
              Hypervolume
            </th>
          </tr>
        </thead>
        <tbody>
          {trials.map((trial) => (
            <TrialRow key={trial.id} trial={trial} columns={columns} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function TrialRow({ trial, columns }: { readonly trial: Trial; readonly columns: readonly MetricId[] }) {
  const name = pointLabel(trial);
  return (
    <tr data-testid={`trial-${trial.number}`}>
      <td className="number">{trial.number}</td>
      <th scope="row">{trial.runId ? <Link href={`/runs/${trial.runId}`}>{name}</Link> : name}</th>
      <td>{trial.deviceName}</td>
      <td>
        <TrialStateMark state={trial.state} />
        {trial.error && <p className={css.error}>{trial.error.message}</p>}
      </td>
      <td className={css.why}>
        <strong>{trial.reason}</strong> {trial.why}
      </td>
      {columns.map((metric) => {
        const value = trial.metrics[metric];
        return (
          <td key={metric} className="number">
            {value && formatInterval(metric, value)}
          </td>
        );
      })}
      <td className="number">{trial.hypervolume === undefined ? '' : formatNumber(trial.hypervolume)}</td>
    </tr>
  );
}
