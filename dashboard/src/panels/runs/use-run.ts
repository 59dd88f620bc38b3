import type { Run } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useLab, useTopic } from '../../app/lab-context.js';

/** A run by its id: REST says which job it belongs to, the job's topic keeps it fresh. */
export function useRun(runId: string | undefined): {
  run: Run | undefined;
  isWaiting: boolean;
  error: unknown;
  retry: () => void;
} {
  const { api } = useLab();
  const asked = useQuery({ queryKey: ['run', runId], queryFn: () => api.run(runId!), enabled: runId !== undefined });
  const topic = useTopic(asked.data ? `job/${asked.data.jobId}` : undefined);
  const run = topic.entities.run.get(runId ?? '') ?? asked.data;
  return { run, isWaiting: asked.isLoading, error: asked.error ?? undefined, retry: () => void asked.refetch() };
}
