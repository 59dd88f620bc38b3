import type { TensorPack } from '@hilltop/contracts';
import type { Graph } from '../graph.js';
import type { PassContext } from '../pass.js';
import { leadingTo } from '../prune/merge.js';

/** Mean and standard deviation of each channel of a tensor. */
export interface ChannelMoments {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Moments of the named tensors over all calibration items, from one run; those that hold no finite floats are left out. */
export async function momentsByTensor(
  graph: Graph,
  wanted: readonly { readonly tensor: string; readonly last: boolean }[],
  calibration: TensorPack,
  { host, signal }: Pick<PassContext, 'host' | 'signal'>,
): Promise<Map<string, ChannelMoments>> {
  const tensors = wanted.map(({ tensor }) => tensor);
  const seen = await host.statistics(
    leadingTo(graph, tensors),
    calibration,
    wanted.map(({ tensor, last }) => ({ kind: 'channels', tensor, ...(last && { axis: 'last' }) })),
    signal,
  );
  return new Map(
    seen.flatMap((s) =>
      s.kind === 'channels' && s.mean.length > 0 && s.mean.every(Number.isFinite) && s.deviation.every(Number.isFinite)
        ? [[s.tensor, s]]
        : [],
    ),
  );
}
