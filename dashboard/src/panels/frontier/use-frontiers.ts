import type { DeviceFrontier, ProtocolName } from '@hilltop/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { useView } from '../../view/use-view.js';
import type { View } from '../../view/view.js';
import type { Subject } from '../panel-name.js';
import { fallbackView, isLive, orderFrontiers, protocolFor, protocolsOf } from './select-frontiers.js';

export interface Frontiers {
  readonly phase: 'waiting' | 'ready' | 'error';
  readonly error?: unknown;
  readonly retry: () => void;
  /** What the toolbar and address say. */
  readonly view: View;
  readonly change: (step: Partial<View>) => void;
  readonly protocol: ProtocolName | undefined;
  readonly protocols: readonly ProtocolName[];
  readonly all: readonly DeviceFrontier[];
  readonly shown: readonly DeviceFrontier[];
  /** Runs of this model that may still add points. */
  readonly openRuns: number;
}

/**
 * The frontiers of a model for the view in the address: the default axes come live, any others from the lab's REST
 * answer, asked again as runs end.
 */
export function useFrontiers({ modelId = '', deviceId, deviceIds, protocol: preferred }: Subject): Frontiers {
  const { api } = useLab();
  const topic = useTopic(modelId ? `model/${modelId}` : undefined);
  const entities = useValues(topic.entities.frontier);
  const runs = useValues(topic.entities.run);
  const fallback = useMemo(() => fallbackView(entities), [entities]);
  const [view, change] = useView(fallback);
  const protocol = protocolFor(view, entities, runs, preferred);
  const live = isLive(view, entities[0]?.objectives);
  const ended = runs.filter((run) => run.state === 'succeeded').length;
  const asked = useQuery({
    queryKey: ['frontier', modelId, protocol, view.x, view.y, view.z, ended],
    queryFn: ({ signal }) => api.frontier({ model: modelId, protocol, x: view.x, y: view.y, z: view.z }, signal),
    enabled: !live && protocol !== undefined,
    placeholderData: keepPreviousData,
  });
  const found = live
    ? entities.filter((entity) => entity.protocol === protocol).map((entity) => entity.frontier)
    : (asked.data?.devices ?? []);
  const meant = deviceIds ? found.filter((frontier) => deviceIds.includes(frontier.device.id)) : found;
  const isWaiting = topic.phase === 'waiting' || (!live && asked.isLoading && asked.fetchStatus !== 'idle');
  return {
    phase: asked.isError && !live ? 'error' : isWaiting ? 'waiting' : 'ready',
    ...(asked.isError && { error: asked.error }),
    retry: () => void asked.refetch(),
    view,
    change,
    protocol,
    protocols: protocolsOf(entities),
    all: orderFrontiers(meant, deviceId),
    shown: orderFrontiers(meant, deviceId ?? view.device),
    openRuns: runs.filter(
      (run) =>
        !['succeeded', 'failed', 'cancelled'].includes(run.state) &&
        (deviceId === undefined || run.deviceId === deviceId),
    ).length,
  };
}
