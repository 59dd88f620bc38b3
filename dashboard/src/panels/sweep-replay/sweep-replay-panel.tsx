import { hasSweepEnded, metrics, type Objective, pointLabel, type Sweep } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useKeys } from '../../app/keys.js';
import { useTopic } from '../../app/lab-context.js';
import { formatMetric, formatNumber } from '../../format/number.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { PanelProps } from '../panel-name.js';
import { endedTrials, placeOf, replayAt } from './replay.js';
import { ReplayChart } from './replay-chart.js';
import css from './sweep-replay.module.css';

/** The search again, trial by trial: what each of them added to the frontier of a device. */
export function SweepReplayPanel({ subject }: PanelProps) {
  const api = useNightsApi();
  const topic = useTopic(subject.sweepId ? `sweep/${subject.sweepId}` : undefined);
  const sweep = topic.entities.sweep.get(subject.sweepId ?? '');
  const hasEnded = sweep !== undefined && hasSweepEnded(sweep.state);
  // While it runs each trial that ends is one to show; afterwards they stay as they are.
  const asked = useQuery({
    queryKey: ['trials', sweep?.id, hasEnded, sweep?.trials.succeeded],
    queryFn: () => api.trials(sweep!.id),
    enabled: sweep !== undefined,
    placeholderData: (before) => before,
  });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!sweep || !asked.data) return <Skeleton rows={4} />;
  return <Replay sweep={sweep} trials={asked.data} />;
}

type Trials = Awaited<ReturnType<ReturnType<typeof useNightsApi>['trials']>>;

function Replay({ sweep, trials }: { readonly sweep: Sweep; readonly trials: Trials }) {
  const places = sweep.places.filter((place) => trials.some((trial) => placeOf(trial) === placeOf(place)));
  const [chosen, choose] = useState<string>();
  const place = places.find((each) => placeOf(each) === chosen) ?? places[0];
  const ended = useMemo(() => (place ? endedTrials(trials, placeOf(place)) : []), [trials, place]);
  // Absent: the newest, also while trials come in.
  const [at, setAt] = useState<number>();
  const count = Math.min(at ?? ended.length, ended.length);
  const go = (to: number): void => setAt(to >= ended.length ? undefined : Math.max(1, to));
  const none = ended.length > 1 ? undefined : 'There is nothing to step through yet.';
  useKeys('Replay', [
    { keys: '[', does: 'earlier trial', run: () => go(count - 1), blocked: none },
    { keys: ']', does: 'later trial', run: () => go(count + 1), blocked: none },
  ]);
  if (!place || ended.length === 0) return <Empty>No trial has ended with a result yet.</Empty>;
  const objectives = sweep.objectives.slice(0, 2);
  const points = replayAt(ended, count, objectives);
  const newest = ended[count - 1]!;
  return (
    <div className={css.replay}>
      {places.length > 1 && (
        <Field label="Where" layout="inline">
          {(control) => (
            <select
              {...control}
              value={placeOf(place)}
              onChange={(event) => {
                choose(event.target.value);
                setAt(undefined);
              }}
            >
              {places.map((each) => (
                <option key={placeOf(each)} value={placeOf(each)}>
                  {each.modelName} on {each.deviceName}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field label={`Trial ${count} of ${ended.length}`}>
        {({ className: _own, ...control }) => (
          <input
            {...control}
            type="range"
            className={css.slider}
            min={1}
            max={ended.length}
            value={count}
            aria-valuetext={`trial ${count} of ${ended.length}: ${pointLabel(newest)}`}
            onChange={(event) => go(Number(event.target.value))}
          />
        )}
      </Field>
      <p data-testid="replay-trial">
        <strong>{pointLabel(newest)}</strong> {told(newest, objectives)}
        {newest.hypervolume !== undefined && ` · hypervolume ${formatNumber(newest.hypervolume)}`}
        <span className={css.why}>
          {newest.reason}: {newest.why}
        </span>
      </p>
      <ReplayChart
        points={points}
        all={replayAt(ended, ended.length, objectives)}
        newest={newest.id}
        objectives={objectives}
      />
    </div>
  );
}

const told = (trial: Trials[number], objectives: readonly Objective[]): string =>
  objectives
    .flatMap(({ metric }) => {
      const value = trial.metrics[metric];
      return value ? `${metrics[metric].label} ${formatMetric(metric, value.value)}` : [];
    })
    .join(', ');
