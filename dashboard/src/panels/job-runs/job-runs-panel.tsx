import { verdictCounts } from '@hilltop/contracts';
import { useMemo } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import type { PanelProps } from '../panel-name.js';
import { orderRuns } from '../runs/order-runs.js';
import { RunTable } from '../runs/run-table.js';

const mostRows = 200;

/** The runs of a job, those under way first. */
export function JobRunsPanel({ subject }: PanelProps) {
  const topic = useTopic(subject.jobId ? `job/${subject.jobId}` : undefined);
  const models = useTopic('lab').entities.model;
  const all = useValues(topic.entities.run);
  const runs = useMemo(() => orderRuns(all).slice(0, mostRows), [all]);
  if (topic.phase === 'waiting') return <Skeleton rows={5} />;
  if (runs.length === 0) return <Empty>The variants are being built; the runs appear when the first is ready.</Empty>;
  const verdicts = verdictCounts(all);
  return (
    <>
      {verdicts !== '' && (
        <p className="caption" data-testid="job-verdicts">
          Verdicts: {verdicts}.
        </p>
      )}
      <RunTable label="Runs of this job" runs={runs} also="device" modelName={(id) => models.get(id)?.name ?? id} />
      {all.length > mostRows && (
        <p className="caption">
          {mostRows} of {all.length} runs.
        </p>
      )}
    </>
  );
}
