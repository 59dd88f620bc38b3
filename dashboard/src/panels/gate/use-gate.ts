import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTopic } from '../../app/lab-context.js';
import { useNightsApi } from '../../link/use-nights-api.js';

/** A gate with its rows; read again whenever the lab says that somebody decided, so that no screen needs a reload. */
export function useGate(id: string | undefined) {
  const api = useNightsApi();
  const client = useQueryClient();
  const live = useTopic('lab').entities.gate.get(id ?? '');
  const asked = useQuery({
    queryKey: ['gate', id],
    queryFn: () => api.gate(id!),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    if (live) void client.invalidateQueries({ queryKey: ['gate', live.id] });
  }, [live, client]);
  return asked;
}
