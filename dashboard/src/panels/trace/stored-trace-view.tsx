import type { Run } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLab } from '../../app/lab-context.js';
import { Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { storedTrace } from './stored-trace.js';
import { latency } from './trace-options.js';
import { TraceView } from './trace-view.js';

/** Twice the pixels of the widest panel: more cannot be seen. */
const mostBuckets = 2000;

/** The whole curve of a run that has ended, from its stored observations. */
export function StoredTrace({ run }: { readonly run: Run }) {
  const { api } = useLab();
  const asked = useQuery({
    queryKey: ['observations', run.id],
    queryFn: () => api.observations(run.id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const source = useMemo(() => asked.data && storedTrace(asked.data.columns, mostBuckets), [asked.data]);
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!source || !asked.data) return <Skeleton rows={6} />;
  return (
    <TraceView
      source={source}
      title={`${asked.data.rows.toLocaleString('en')} stored inferences`}
      timeLabel="measured time, s"
      isLive={false}
      quantity={latency}
      note="median; band: shortest to longest; holes: between the blocks"
    />
  );
}
