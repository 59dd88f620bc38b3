import type { TensorPack } from '@hilltop/contracts';
import { type Graph, linksOf, writeGraph } from '../graph.js';
import type { GramStatistic } from '../host-messages.js';
import type { PassContext } from '../pass.js';
import { dimsOf, floatsOf } from '../tensor.js';
import type { ChannelMap } from './channels.js';
import type { Reader } from './rank.js';

/** Positions over all items that a covariance is made of. */
const wantedRows = 16_384;
const point = { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;

/** Every weighted node with the covariance of the channels it reads, from one run over the calibration data. */
export async function readersOf(
  graph: Graph,
  map: ChannelMap,
  calibration: TensorPack,
  { host, signal }: PassContext,
): Promise<Reader[]> {
  const perItem = Math.max(1, Math.ceil(wantedRows / calibration.items));
  const tensors = [...new Set(map.consumers.map((c) => c.node.input[0]!))];
  const seen = await host.statistics(
    writeGraph(graph),
    calibration,
    tensors.map((tensor) => ({ kind: 'gram', tensor, geometry: point, perItem })),
    signal,
  );
  const covariances = new Map(seen.flatMap((s) => (s.kind === 'gram' ? [[s.tensor, covarianceOf(s)]] : [])));
  const { constants } = linksOf(graph);
  return map.consumers.flatMap((use) => {
    const covariance = covariances.get(use.node.input[0]!);
    const tensor = constants.get(use.node.input[1]!);
    const data = tensor && floatsOf(tensor);
    if (!covariance || !data || covariance.length !== use.channels.length ** 2) return [];
    return [
      {
        roots: [...use.channels].map((c) => map.root(c)),
        ...rowsByChannel(data, dimsOf(tensor), use.axis),
        covariance,
      },
    ];
  });
}

function covarianceOf({ rows, columns, gram, sums }: GramStatistic): Float64Array {
  return gram.map((g, k) => g / rows - (sums[Math.floor(k / columns)]! / rows) * (sums[k % columns]! / rows));
}

/** A weight as rows x channels, channels being its axis `axis`. */
function rowsByChannel(
  data: Float32Array,
  dims: readonly number[],
  axis: number,
): { weight: Float64Array; rows: number } {
  const channels = dims[axis]!;
  const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
  const weight = new Float64Array(data.length);
  data.forEach((value, k) => {
    const c = Math.floor(k / inner) % channels;
    const row = Math.floor(k / (inner * channels)) * inner + (k % inner);
    weight[row * channels + c] = value;
  });
  return { weight, rows: data.length / channels };
}

/** Norm of the filters that make each class; those of several layers are added, each relative to its layer's mean. */
export function filterNorms(graph: Graph, map: ChannelMap, power: 1 | 2): Map<number, number> {
  const { constants } = linksOf(graph);
  const norms = new Map<number, number>();
  for (const { node, axis, channels } of map.producers) {
    const tensor = constants.get(node.input[1]!)!;
    const { weight } = rowsByChannel(floatsOf(tensor)!, dimsOf(tensor), axis);
    const sums = new Float64Array(channels.length);
    weight.forEach((w, k) => {
      const c = k % channels.length;
      sums[c] = sums[c]! + Math.abs(w) ** power;
    });
    const mean = sums.reduce((s, v) => s + v, 0) / channels.length || 1;
    for (const [i, channel] of channels.entries()) {
      norms.set(map.root(channel), (norms.get(map.root(channel)) ?? 0) + sums[i]! / mean);
    }
  }
  return norms;
}
