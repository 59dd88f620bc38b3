import { useMemo } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import type { PanelProps } from '../panel-name.js';
import { orderRuns } from '../runs/order-runs.js';
import { RunTable } from '../runs/run-table.js';

/** Rows shown at once; older runs are in the job they belong to. */
const mostRows = 100;

/** The runs of a device. */
export function DeviceRunsPanel({ subject }: PanelProps) {
  const topic = useTopic(subject.deviceId ? `device/${subject.deviceId}` : undefined);
  const models = useTopic('lab').entities.model;
  const all = useValues(topic.entities.run);
  const runs = useMemo(() => orderRuns(all).slice(0, mostRows), [all]);
  if (topic.phase === 'waiting') return <Skeleton rows={5} />;
  if (runs.length === 0) return <Empty>No run yet. A job whose selector matches this device brings the first.</Empty>;
  return (
    <>
      <RunTable label="Runs of this device" runs={runs} also="model" modelName={(id) => models.get(id)?.name ?? id} />
      {all.length > mostRows && (
        <p className="caption">
          The newest {mostRows} of {all.length} runs.
        </p>
      )}
    </>
  );
}
