import type { Baseline, BaselineFrontier } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useLab } from '../../app/lab-context.js';
import type { View } from '../../view/view.js';

/** All baselines, and what the one of the view had measured of this model. It is pinned: asked for once. */
export function useBaseline(
  modelId: string,
  view: Pick<View, 'x' | 'y' | 'base'>,
): { readonly baselines: readonly Baseline[]; readonly base: BaselineFrontier | undefined; readonly error: unknown } {
  const { api } = useLab();
  const list = useQuery({ queryKey: ['baselines'], queryFn: api.baselines, staleTime: 60_000 });
  const { base, x, y } = view;
  const asked = useQuery({
    queryKey: ['baseline-frontier', modelId, base, x, y],
    queryFn: ({ signal }) => api.baselineFrontier(base!, { model: modelId, x, y }, signal),
    enabled: base !== undefined && modelId !== '',
    staleTime: 300_000,
    retry: false,
  });
  return {
    baselines: list.data ?? [],
    base: base === undefined ? undefined : asked.data,
    error: base !== undefined && asked.isError ? asked.error : undefined,
  };
}
