import { freshNames, type Graph, type Links, linksOf } from '../graph.js';
import { putInitializer } from '../layers.js';
import { floatAttribute, intAttribute, makeNode, type Node, type Tensor } from '../node.js';
import { roundEven } from '../quantize/integers.js';
import { DataType, dimsOf, float32Tensor, floatsOf, int32Tensor, intsOf } from '../tensor.js';

/** Turns each output channel y of a node into gain x y + shift. */
export interface Adjustment {
  readonly gain: Float64Array;
  readonly shift: Float64Array;
}

/** What a node's form allows without running more operators at each inference. */
export interface Adjustable {
  readonly gain: boolean;
  readonly shift: boolean;
}

/** Every tensor that only constants lead to: weights and biases, however they are stored and decoded. Needs sorted nodes. */
export function constantTensors(graph: Graph, links: Links): Set<string> {
  const found = new Set(links.constants.keys());
  for (const node of graph.body.node)
    if (node.input.length > 0 && node.input.every((name) => name === '' || found.has(name)))
      for (const name of node.output) found.add(name);
  return found;
}

/** Whether a node's channels can be scaled and shifted; undefined for nodes that are no layers. */
export function adjustableOf(node: Node, links: Links, constant: ReadonlySet<string>): Adjustable | undefined {
  if (!['Conv', 'Gemm', 'MatMul'].includes(node.opType) || !constant.has(node.input[1] ?? '')) return undefined;
  if (node.opType === 'Gemm' && floatAttribute(node, 'beta', 1) !== 1) return undefined;
  // A vector has no channels.
  if (links.constants.get(node.input[1]!)?.dims.length === 1) return undefined;
  // Between QuantizeLinear and DequantizeLinear the weight's form is what makes the runtime compute on integers.
  const integer = links.producer.get(node.input[0]!)?.opType === 'DequantizeLinear';
  const decoded = (name: string): boolean => links.producer.get(name)?.opType === 'DequantizeLinear';
  const bias = biasOf(node, links);
  return {
    // The runtime does not fold a DequantizeLinear: a Mul behind it would run at each inference.
    gain:
      !integer &&
      !decoded(node.input[1]!) &&
      (node.opType === 'MatMul' || !node.input[2] || constant.has(node.input[2])),
    shift:
      bias !== undefined &&
      (bias.name === ''
        ? !integer && node.opType !== 'MatMul'
        : constant.has(bias.name) && (!decoded(bias.name) || integerBias(bias.name, links) !== undefined)),
  };
}

/** Where a node's bias goes in: its own input, or that of the Add behind a matrix product. */
function biasOf(node: Node, links: Links): { reader: Node; index: number; name: string } | undefined {
  if (node.opType !== 'MatMul') return { reader: node, index: 2, name: node.input[2] ?? '' };
  const readers = links.consumers.get(node.output[0]!) ?? [];
  const add = readers[0];
  if (readers.length !== 1 || add?.node.opType !== 'Add' || links.outputs.has(node.output[0]!)) return undefined;
  return { reader: add.node, index: 1 - add.index, name: add.node.input[1 - add.index]! };
}

/** The int32 values and scales of a bias behind a DequantizeLinear; undefined where others share it. */
function integerBias(name: string, links: Links): { stored: Tensor; scales: Float32Array } | undefined {
  const node = links.producer.get(name);
  const stored = links.constants.get(node?.input[0] ?? '');
  const scale = links.constants.get(node?.input[1] ?? '');
  const scales = scale && floatsOf(scale);
  if (!node || node.input[2] || stored?.dataType !== DataType.INT32 || !scales) return undefined;
  const alone = [name, stored.name].every((tensor) => links.consumers.get(tensor)?.length === 1);
  return alone ? { stored, scales } : undefined;
}

/**
 * Writes an adjustment into a node's weight and bias, as far as `adjustableOf` allows. A float weight nobody shares is scaled in place;
 * anything else gets a Mul of constants behind it, which the runtime folds, so that its stored form survives.
 */
export function adjustNode(graph: Graph, node: Node, { gain, shift }: Adjustment): void {
  const links = linksOf(graph);
  const fresh = freshNames(graph);
  const channels = gain.length;
  const added: Node[] = [];
  const fold = (opType: 'Mul' | 'Add', name: string, values: Float64Array, dims: readonly number[]): string => {
    const [operand, output] = [fresh('k'), fresh('v')];
    putInitializer(graph, float32Tensor(operand, dims, Float32Array.from(values)));
    added.push(makeNode(opType, [name, operand], [output]));
    return output;
  };
  if (gain.some((g) => g !== 1)) {
    const weight = node.input[1]!;
    const axis = channelsLast(node) ? 1 : 0;
    const rank = node.opType === 'Conv' ? convolutionRank(node, links) : 2;
    const along = Array.from({ length: rank }, (_, i) => (i === axis ? channels : 1));
    const scale = ownScale(weight, along, links);
    const own = ownFloat(weight, links) ? links.constants.get(weight)! : undefined;
    if (own) putInitializer(graph, scaled(own, axis === 0 ? 0 : own.dims.length - 1, gain));
    else if (scale) putInitializer(graph, scaled(scale, axis, gain));
    else node.input[1] = fold('Mul', weight, gain, along);
  }
  // Behind a matrix product the bias is added to what is matched, and stays what it was.
  const biasGain = node.opType === 'MatMul' ? gain.map(() => 1) : gain;
  const place = biasOf(node, links);
  if (place && (shift.some((s) => s !== 0) || biasGain.some((g) => g !== 1))) shiftBias(place);
  if (added.length > 0) graph.body.node.splice(graph.body.node.indexOf(node), 0, ...added);

  function shiftBias({ reader, index, name }: NonNullable<typeof place>): void {
    const integers = integerBias(name, links);
    const own = ownFloat(name, links) ? links.constants.get(name) : undefined;
    const old = (own && floatsOf(own)) ?? new Float32Array(0);
    if (name === '') {
      const made = fresh('k');
      putInitializer(graph, float32Tensor(made, [channels], Float32Array.from(shift)));
      reader.input = [reader.input[0]!, reader.input[1]!, made];
    } else if (integers) {
      const { stored, scales } = integers;
      const values = intsOf(stored).map((b, c) =>
        Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(b) + roundEven(shift[c]! / (scales[c] ?? scales[0]!)))),
      );
      putInitializer(graph, int32Tensor(stored.name, dimsOf(stored), Int32Array.from(values)));
    } else if (own && (old.length === 1 || (old.length === channels && own.dims.at(-1) === BigInt(channels)))) {
      const values = Float32Array.from(shift, (s, c) => old[old.length === 1 ? 0 : c]! * biasGain[c]! + s);
      putInitializer(graph, float32Tensor(name, old.length === 1 ? [channels] : dimsOf(own), values));
    } else {
      const product = biasGain.some((g) => g !== 1) ? fold('Mul', name, biasGain, [channels]) : name;
      reader.input[index] = fold('Add', product, shift, [channels]);
    }
  }
}

/** Whether the weight's last axis holds the outputs. */
const channelsLast = (node: Node): boolean =>
  node.opType === 'MatMul' || (node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 0);

/** Rank of a convolution's weight. */
function convolutionRank(node: Node, links: Links): number {
  const stored = links.constants.get(node.input[1]!);
  if (stored) return stored.dims.length;
  const kernel = node.attribute.find((a) => a.name === 'kernel_shape');
  return 2 + (kernel?.ints.length || 2);
}

/** Whether a tensor is a float32 initializer that one node alone reads. */
function ownFloat(name: string, links: Links): boolean {
  return (
    links.constants.get(name)?.dataType === DataType.FLOAT &&
    links.consumers.get(name)?.length === 1 &&
    !links.captured.has(name) &&
    !links.outputs.has(name)
  );
}

/** The scale of each output channel that the last step of a decoded weight multiplies by, where there is one. */
function ownScale(weight: string, dims: readonly number[], links: Links): Tensor | undefined {
  const maker = links.producer.get(weight);
  if (maker?.opType !== 'Mul' || links.consumers.get(weight)?.length !== 1 || links.captured.has(weight))
    return undefined;
  const scale = maker.input.find(
    (name) => ownFloat(name, links) && dimsOf(links.constants.get(name)!).join() === dims.join(),
  );
  return scale === undefined ? undefined : links.constants.get(scale);
}

/** A float tensor whose slices along an axis are multiplied. */
function scaled(tensor: Tensor, axis: number, gain: Float64Array): Tensor {
  const dims = dimsOf(tensor);
  const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
  const values = floatsOf(tensor)!;
  return float32Tensor(
    tensor.name,
    dims,
    values.map((v, k) => v * gain[Math.floor(k / inner) % dims[axis]!]!),
  );
}
