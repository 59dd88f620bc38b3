import type { TensorPack } from '@hilltop/contracts';
import { type Graph, writeGraph } from '../graph.js';
import type { Node } from '../node.js';
import type { PassContext } from '../pass.js';
import type { OutputMoments } from './splits.js';

/** Output values of a layer, over all items, that moments are made of. */
const wantedRows = 16_384;
const point = { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;

/** Moments of the outputs of layers, by output tensor, from one run over the calibration data. `shapes`: dimensions of every tensor. */
export async function momentsOf(
  graph: Graph,
  nodes: readonly Node[],
  shapes: ReadonlyMap<string, readonly number[]>,
  calibration: TensorPack,
  { host, signal }: PassContext,
): Promise<Map<string, OutputMoments>> {
  const perItem = Math.max(1, Math.ceil(wantedRows / calibration.items));
  const asked = nodes.flatMap((node) => {
    const tensor = node.output[0]!;
    const rank = shapes.get(tensor)?.length ?? 0;
    const conv = node.opType === 'Conv';
    if (conv ? rank !== 3 && rank !== 4 : rank < 2) return [];
    return [{ tensor, geometry: conv ? point : ('last-axis' as const) }];
  });
  const seen = await host.statistics(
    writeGraph(graph),
    calibration,
    asked.map(({ tensor, geometry }) => ({ kind: 'gram', tensor, geometry, perItem })),
    signal,
  );
  return new Map(
    asked.flatMap(({ tensor }, i) => {
      const sums = seen[i];
      // Fewer rows than outputs leave directions unseen that other data may use.
      if (sums?.kind !== 'gram' || sums.rows < 2 * sums.columns || !sums.gram.every(Number.isFinite)) return [];
      const { rows } = sums;
      return [[tensor, { mean: sums.sums.map((s) => s / rows), products: sums.gram.map((g) => g / rows) }]];
    }),
  );
}
