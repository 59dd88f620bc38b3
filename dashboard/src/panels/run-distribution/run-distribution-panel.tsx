import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLab } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { useWidth } from '../../ui/use-width.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { distributionOf } from './distribution.js';
import { DistributionChart } from './distribution-chart.js';
import { DistributionTable } from './distribution-table.js';
import css from './run-distribution.module.css';

/** How the latencies of a finished run are spread: from its stored observations, the same each time. */
export function RunDistributionPanel({ subject }: PanelProps) {
  const { api } = useLab();
  const { run } = useRun(subject.runId);
  const isStored = run?.state === 'succeeded';
  const asked = useQuery({
    // The trace asks for the same: it is fetched once.
    queryKey: ['observations', run?.id],
    queryFn: () => api.observations(run!.id),
    enabled: isStored,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [box, width] = useWidth<HTMLDivElement>();
  const metrics = run?.metrics;
  const found = useMemo(
    () => asked.data && distributionOf(asked.data.columns.latency_ms, metrics ?? {}),
    [asked.data, metrics],
  );
  if (run && !isStored) {
    return (
      <Empty>
        {run.endedAt ? 'This run ended without its latencies.' : 'The distribution comes when the run has ended.'}
      </Empty>
    );
  }
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (asked.data && !found) return <Empty>This run has no latencies in ms: its device counts instructions.</Empty>;
  return (
    <div ref={box} className={css.box}>
      {!found ? <Skeleton rows={6} /> : width > 0 && <DistributionChart distribution={found} width={width} />}
      {found && (
        <>
          <p className="caption">
            {found.count.toLocaleString('en')} inferences: above the share of each bin, below the share up to there.
            Bars at the quantiles: their 95 % intervals.
            {found.beyond &&
              ` ▸ beyond the picture: ${found.beyond.count.toLocaleString('en')} slower ones, up to ${formatMetric('latency_p50_ms', found.beyond.most)}.`}
          </p>
          <DistributionTable distribution={found} />
        </>
      )}
    </div>
  );
}
