import { isLabError } from '@hilltop/contracts';
import { clipBounds, findPairs, type Pair } from '../equalize/pairs.js';
import { equalizeWeights } from '../equalize/scales.js';
import {
  dropUnused,
  freshNames,
  type Graph,
  hoistConstants,
  type Links,
  linksOf,
  sortNodes,
  writeGraph,
} from '../graph.js';
import { putInitializer } from '../layers.js';
import { type Node, nodeName, type Tensor } from '../node.js';
import { calibrationOf, definePass, notApplicable, type PassContext } from '../pass.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';

/** Channels that differ by less than this factor are alike: applying the pass twice changes nothing the second time. */
const alike = 1.02;

/**
 * Scales channels so that neighbouring layers use the range of their numbers alike; what the model computes stays the same but for
 * rounding. Where BatchNormalization stands between layers, run `optimize` first.
 */
export const equalize = definePass({
  name: 'equalize',
  version: 1,
  summary: 'Scales channels of neighbouring layers alike, so that one scale fits them all',
  parameters: {
    balance: {
      type: 'string',
      values: ['weights', 'activations'],
      default: 'weights',
      description:
        'What to bring into line: the weights of two layers (for one scale per tensor; needs no data), or the activations between them with the weights that read them (for one scale per channel)',
    },
    limit: {
      type: 'number',
      min: 1,
      max: 1e6,
      default: 1000,
      description: 'The most a channel is scaled by, up or down',
    },
    'release-clips': {
      type: 'boolean',
      default: false,
      description:
        'Turn Clip(0, high) into Relu where calibration data never reaches its upper bound: only then can its channels be scaled. Inputs unlike the calibration data may then give other results',
    },
  },
  needsCalibration: (parameters) => parameters['release-clips'] || parameters.balance === 'activations',
  async apply(graph, parameters, context) {
    hoistConstants(graph);
    sortNodes(graph);
    const links = linksOf(graph);
    const shapes = await shapesFor(graph, links, context);
    const search = (released: ReadonlySet<Node>) => findPairs(graph, links, { shapes, released });
    let found = search(new Set());
    const blocked = found.pairs.flatMap((pair) => pair.clips);
    const released = new Set(parameters['release-clips'] ? await releasable(graph, links, blocked, context) : []);
    if (released.size > 0) found = search(released);
    const pairs = found.pairs.filter((pair) => pair.clips.length === 0);
    if (pairs.length === 0) {
      const clip = found.pairs[0];
      if (clip) {
        const bound = clipBounds(clip.clips[0]!, links)?.high;
        throw notApplicable(
          'equalize',
          `no two layers can be equalized: a Clip at ${bound} follows it, which may bind (release-clips tries)`,
          clip.first.node,
        );
      }
      throw notApplicable(
        'equalize',
        found.lonely
          ? `no two layers can be equalized: ${found.lonely.why}`
          : 'it has no layer with a float32 weight of its own outside sub-graphs',
        found.lonely?.node ?? graph.body.node[0],
      );
    }
    const ranges =
      parameters.balance === 'activations' ? await activationRanges(graph, pairs, context) : new Map<string, never>();
    const scales = equalizeWeights(pairs, { limit: parameters.limit, activations: (pair) => ranges.get(pair.tensor) });
    const uneven = pairs.filter((_, k) => scales[k]!.some((s) => s > alike || s < 1 / alike));
    if (uneven.length === 0) {
      context.report(`all ${pairs.length} pairs of layers are alike already`);
      return graph;
    }
    for (const node of released) {
      node.opType = 'Relu';
      node.input = [node.input[0]!];
      node.attribute = [];
    }
    if (released.size > 0)
      context.report(
        `bounds that calibration data never reached were taken away: ${[...released].map(nodeName).join(', ')}`,
      );
    writeScaled(graph, links, pairs, scales);
    dropUnused(graph);
    const shown = uneven.slice(0, 5).map((pair) => {
      const s = scales[pairs.indexOf(pair)]!;
      return `${nodeName(pair.first.node)} - ${nodeName(pair.second.node)} (scaled by ${figure(Math.min(...s))} to ${figure(Math.max(...s))})`;
    });
    context.report(
      `${uneven.length} ${uneven.length === 1 ? 'pair' : 'pairs'} equalized: ${shown.join(', ')}${uneven.length > 5 ? ` and ${uneven.length - 5} more` : ''}`,
    );
    return graph;
  },
});

const figure = (value: number): string => String(Number(value.toPrecision(3)));

/** Shapes around each Reshape to two constant sizes; empty where they may differ from run to run: then a Reshape stays in the way. */
async function shapesFor(
  graph: Graph,
  links: Links,
  { host, calibration, signal }: PassContext,
): Promise<Map<string, readonly number[]>> {
  const reshapes = graph.body.node.filter(
    (node) => node.opType === 'Reshape' && Number(links.constants.get(node.input[1] ?? '')?.dims[0]) === 2,
  );
  // With free sizes behind the items, one run says nothing about the next.
  const fixed = graph.body.input.every((input) => {
    const type = input.type?.value;
    const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined;
    return dims?.slice(1).every((dim) => dim.value.case === 'dimValue') ?? false;
  });
  if (reshapes.length === 0 || !fixed) return new Map();
  const names = reshapes.flatMap((node) => [node.input[0]!, node.output[0]!]);
  try {
    const feed = calibration ? { pack: calibration } : { dims: {} };
    const seen = await host.shapes(writeGraph(graph), names, feed, signal);
    return new Map(seen.map((s) => [s.tensor, s.dims]));
  } catch (error) {
    if (isLabError(error) && error.code === 'run.model-rejected') return new Map();
    throw error;
  }
}

/** Clips whose upper bound calibration data never reaches. */
async function releasable(graph: Graph, links: Links, clips: readonly Node[], context: PassContext): Promise<Node[]> {
  if (clips.length === 0) return [];
  const inputs = [...new Set(clips.map((node) => node.input[0]!))];
  const seen = await context.host.statistics(
    writeGraph(graph),
    calibrationOf(context),
    inputs.map((tensor) => ({ kind: 'range', tensor })),
    context.signal,
  );
  const highest = new Map(seen.flatMap((s) => (s.kind === 'range' ? [[s.tensor, s.high]] : [])));
  return clips.filter((node) => highest.get(node.input[0]!)! < clipBounds(node, links)!.high!);
}

/** How far each channel between a pair reaches: three deviations about its mean, so that one outlier does not decide. */
async function activationRanges(
  graph: Graph,
  pairs: readonly Pair[],
  context: PassContext,
): Promise<Map<string, Float64Array>> {
  const countable = pairs.filter((pair) => pair.countable);
  const outputs = new Map(countable.map((pair) => [pair.tensor, pair.first.outputs]));
  const seen = await context.host.statistics(
    writeGraph(graph),
    calibrationOf(context),
    [...outputs.keys()].map((tensor) => ({ kind: 'channels', tensor })),
    context.signal,
  );
  return new Map(
    seen.flatMap((s) => {
      if (s.kind !== 'channels') return [];
      const channels = outputs.get(s.tensor)!;
      // Behind a Flatten a channel is a run of features.
      const run = s.mean.length / channels;
      const ranges = new Float64Array(channels);
      s.mean.forEach((mean, k) => {
        const at = Math.floor(k / run);
        ranges[at] = Math.max(ranges[at]!, Math.abs(mean) + 3 * s.deviation[k]!);
      });
      return [[s.tensor, ranges] as const];
    }),
  );
}

/** Puts the scaled weights, biases and added constants into the graph. What others read, too, is copied first. */
function writeScaled(graph: Graph, links: Links, pairs: readonly Pair[], scales: readonly Float64Array[]): void {
  const fresh = freshNames(graph);
  const own = (node: Node, index: number): Tensor => {
    const tensor = links.constants.get(node.input[index]!)!;
    const shared =
      links.consumers.get(tensor.name)!.length > 1 || links.captured.has(tensor.name) || links.outputs.has(tensor.name);
    if (!shared) return tensor;
    node.input[index] = fresh('e');
    return float32Tensor(node.input[index], dimsOf(tensor), floatsOf(tensor)!);
  };
  for (const layer of new Set(pairs.flatMap(({ first, second }) => [first, second]))) {
    const biased = layer.hasBias && (layer.node.input[2] ?? '') !== '';
    layer.write(graph, layer.weight);
    if (!biased) continue;
    const { name, dims } = own(layer.node, 2);
    putInitializer(graph, float32Tensor(name, dims.map(Number), Float32Array.from(layer.bias)));
  }
  pairs.forEach((pair, k) => {
    for (const { node, index } of pair.added) {
      const tensor = own(node, index);
      const scaled = floatsOf(tensor)!.map((v, i) => v / scales[k]![i]!);
      putInitializer(graph, float32Tensor(tensor.name, dimsOf(tensor), scaled));
    }
  });
}
