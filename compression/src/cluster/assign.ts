import { LabError, type TensorPack } from '@hilltop/contracts';
import { type Graph, linksOf } from '../graph.js';
import { layerOf } from '../layers.js';
import { type Body, nodeName, type Tensor } from '../node.js';
import type { PassContext } from '../pass.js';
import { gramOfLayer } from '../second-order.js';
import { shapesOf } from '../shapes.js';
import { dimsOf, floatsOf } from '../tensor.js';
import { channelAxis, type Weight } from '../weights/bodies.js';
import { type Codebook, fitCodebook, indexOf } from './codebook.js';
import { clusterWithFeedback } from './feedback.js';

export interface AssignOptions {
  readonly clusters: number;
  readonly shared: boolean;
  readonly scaled: boolean;
  readonly keepZeros: boolean;
  readonly bitPrice: number;
}

/** A weight on its way to a codebook. */
export interface Clustering {
  readonly body: Body;
  readonly weight: Weight;
  readonly dims: readonly number[];
  readonly axis: number;
  /** In the order of the tensor; afterwards every value is one of the codebook times its slice's scale. */
  data: Float32Array;
  /** Of each slice along `axis`; ones where there are none. */
  readonly scales: Float64Array;
  /** Whether its zeros stay. */
  readonly sparse: boolean;
  readonly book: Codebook;
}

/** Share of zeros from which a weight counts as pruned. */
const prunedFrom = 0.1;

/** The weights with scales and codebooks; `data` is as given. */
export function fitCodebooks(
  weights: readonly { readonly body: Body; readonly weight: Weight }[],
  options: AssignOptions,
): Clustering[] {
  const list = weights.map(({ body, weight }) => {
    const data: Float32Array = floatsOf(weight.tensor)!;
    const dims = dimsOf(weight.tensor);
    const axis = channelAxis(weight)!;
    const zeros = data.reduce((count, v) => count + (v === 0 ? 1 : 0), 0);
    const sparse = options.keepZeros && zeros >= prunedFrom * data.length;
    const scales = options.scaled ? scalesOf(data, dims, axis) : new Float64Array(dims[axis]!).fill(1);
    return { body, weight, dims, axis, data, scales, sparse };
  });
  const fit = (members: typeof list): Codebook => {
    const length = members.reduce((sum, m) => sum + m.data.length, 0);
    const [values, weights] = [new Float64Array(length), new Float64Array(length)];
    let at = 0;
    for (const member of members) {
      const power = mean(member.scales.map((s) => s * s));
      eachValue(member, (value, scale) => {
        values[at] = value / scale;
        // Errors of a channel count as large as its weights are; those of a layer like those of any other.
        weights[at++] = (scale * scale) / power;
      });
    }
    return fitCodebook(values, weights, {
      clusters: options.clusters,
      zero: members.some((m) => m.sparse),
      bitPrice: options.bitPrice,
    });
  };
  if (options.shared) {
    const book = fit(list);
    return list.map((member) => ({ ...member, book }));
  }
  return list.map((member) => ({ ...member, book: fit([member]) }));
}

/** Gives every value the codebook's value that is nearest, or cheapest. */
export function assignNearest(clustering: Clustering, bitPrice: number): void {
  const { book, sparse } = clustering;
  const power = mean(clustering.scales.map((s) => s * s));
  const made = new Float32Array(clustering.data.length);
  let at = 0;
  eachValue(clustering, (value, scale) => {
    if (sparse && value === 0) made[at++] = 0;
    else {
      const price = (bitPrice * book.power * power) / (scale * scale);
      made[at++] = book.values[indexOf(book, value / scale, price)]! * scale;
    }
  });
  clustering.data = made;
}

/**
 * Clusters the weights of the main graph's layers with error feedback, in the order of the nodes, each on what the clustered layers
 * before it give; writes them and their biases to the graph. Returns those it could do.
 */
export async function assignWithFeedback(
  graph: Graph,
  list: readonly Clustering[],
  calibration: TensorPack,
  options: AssignOptions,
  context: PassContext,
): Promise<Set<Clustering>> {
  const shapes = new Map((await shapesOf(graph, calibration, context)).map((s) => [s.tensor, s.dims]));
  const waiting = new Map(list.filter((c) => c.body === graph.body).map((c) => [c.weight.name, c]));
  const done = new Set<Clustering>();
  for (const node of [...graph.body.node]) {
    if (context.signal?.aborted) throw new LabError('run.cancelled', 'cancelled');
    const clustering = waiting.get(node.input[1] ?? '');
    const links = linksOf(graph);
    const layer = clustering && layerOf(node, links);
    if (!clustering || !layer || clustering.scales.length !== layer.outputs) continue;
    const { name } = clustering.weight;
    // What is good for one reader of a shared weight may be bad for the other.
    if (links.captured.has(name) || links.consumers.get(name)?.length !== 1) continue;
    const moments = await gramOfLayer(graph, layer, shapes, calibration, context);
    if (!moments) continue;
    const made = clusterWithFeedback(layer, moments, {
      book: clustering.book,
      scales: clustering.scales,
      keepZeros: clustering.sparse,
      bitPrice: options.bitPrice,
    });
    // A bias that other layers read, too, stays as it is.
    const bias = node.input[2] ?? '';
    const own = bias === '' || (links.consumers.get(bias)?.length === 1 && !links.captured.has(bias));
    layer.write(graph, made.weight, own ? made.bias : undefined);
    clustering.data = floatsOf(linksOf(graph).constants.get(name)!)!;
    done.add(clustering);
    context.progress(done.size / waiting.size);
  }
  return done;
}

/** Index of each value's place in the codebook. */
export function indicesOf(clustering: Clustering): Uint8Array {
  const indices = new Uint8Array(clustering.data.length);
  let at = 0;
  eachValue(clustering, (value, scale) => {
    indices[at++] = indexOf(clustering.book, value / scale, 0);
  });
  return indices;
}

/** Writes the values into the tensor they came from. */
export function writeValues(tensor: Tensor, data: Float32Array): void {
  tensor.rawData = new Uint8Array(Float32Array.from(data).buffer);
  tensor.floatData = [];
}

/** Name for messages. */
export const readerOf = ({ weight }: Pick<Clustering, 'weight'>): string => nodeName(weight.reader);

function eachValue(
  { data, dims, axis, scales }: Pick<Clustering, 'data' | 'dims' | 'axis' | 'scales'>,
  visit: (value: number, scale: number) => void,
): void {
  const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
  for (let k = 0; k < data.length; k++) visit(data[k]!, scales[Math.floor(k / inner) % scales.length]!);
}

/**
 * Root mean square of the values of each slice that are not zero, with 8 significant bits: the codebook takes up the rest, and the
 * empty bytes compress.
 */
function scalesOf(data: Float32Array, dims: readonly number[], axis: number): Float64Array {
  const squares = new Float64Array(dims[axis]!);
  const counts = new Float64Array(dims[axis]!);
  const channels = Float64Array.from(squares.keys());
  eachValue({ data, dims, axis, scales: channels }, (value, channel) => {
    squares[channel] = squares[channel]! + value * value;
    if (value !== 0) counts[channel] = counts[channel]! + 1;
  });
  return squares.map((s, c) => (s > 0 ? bfloat16(Math.sqrt(s / counts[c]!)) : 1));
}

function bfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = (bits[0]! + 0x8000) & 0xffff0000;
  return new Float32Array(bits.buffer)[0]!;
}

const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
