import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { Empty } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import type { PanelProps } from '../panel-name.js';
import { traceRuns, tracesMost } from '../runs/order-runs.js';
import { StoredTrace } from './stored-trace-view.js';
import css from './trace.module.css';
import { latency } from './trace-options.js';
import { TraceView } from './trace-view.js';

/** The latency of the run under way, 100 ms a bucket; of one run, or of the newest run of a job or device. */
export function TracePanel({ subject }: PanelProps) {
  const { traces } = useLab();
  const topic = useTopic(
    subject.jobId ? `job/${subject.jobId}` : subject.deviceId ? `device/${subject.deviceId}` : undefined,
  );
  const runs = useValues(topic.entities.run);
  const byRun = useStore(traces.latest, (state) => state.byRun);
  const [deviceId, setDeviceId] = useState<string>();
  const traced = useMemo(() => runs.filter((run) => byRun.has(run.id)), [runs, byRun]);
  const devices = useMemo(() => [...new Map(traced.map((run) => [run.deviceId, run.deviceName]))], [traced]);
  const shown = subject.runId
    ? runs.filter((r) => r.id === subject.runId)
    : traceRuns(deviceId ? traced.filter((r) => r.deviceId === deviceId) : traced);
  const run = shown[0];
  const runId = subject.runId ?? run?.id;
  const buffer = runId ? traces.of(runId) : undefined;
  if (runId && !buffer && run?.state === 'succeeded') return <StoredTrace run={run} />;
  if (!runId || !buffer) {
    return (
      <Empty>Nothing is measured right now. The trace begins with the next block and is drawn as it happens.</Empty>
    );
  }
  return (
    <>
      {devices.length > tracesMost && subject.runId === undefined && (
        <div className={css.picker}>
          <Field label="Device" layout="inline">
            {(control) => (
              <select
                {...control}
                value={deviceId ?? ''}
                onChange={(event) => setDeviceId(event.target.value || undefined)}
              >
                <option value="">{`the first ${tracesMost}`}</option>
                {devices.map(([id, name]) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      )}
      <div className={shown.length > 1 ? css.multiples : undefined}>
        {(shown.length > 1 ? shown : [run]).map((each) => {
          const source = each ? traces.of(each.id) : buffer;
          return (
            source && (
              <TraceView
                key={each?.id ?? runId}
                source={source}
                title={each ? `${each.recipe} on ${each.deviceName}` : 'This run'}
                timeLabel="time watched, s"
                isLive
                quantity={latency}
                note={shown.length > 1 ? '' : 'median of 100 ms; band: shortest to longest; holes: nothing measured'}
              />
            )
          );
        })}
      </div>
      {shown.length > 1 && (
        <p className="caption">Median of 100 ms; band: shortest to longest; holes: nothing measured.</p>
      )}
    </>
  );
}
