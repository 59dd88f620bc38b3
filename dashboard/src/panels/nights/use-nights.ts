import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTopic } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';

/** Nights that a strip shows. */
export const shownNights = 30;

/** The newest nights of a schedule, newest first; read again when a start or a gate changes. `id`: not a name. */
export function useNights(id: string | undefined) {
  const api = useNightsApi();
  const client = useQueryClient();
  const { schedule, gate } = useTopic('lab').entities;
  const live = schedule.get(id ?? '');
  const asked = useQuery({
    queryKey: ['nights', id],
    queryFn: () => api.nights(id!, shownNights),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the lab said is the reason to ask again
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ['nights', id] });
  }, [live, gate, client, id]);
  return asked;
}
