import type { Graph } from './graph.js';
import { constantOf, intAttribute, type Node, subGraphs, type Tensor } from './node.js';
import { elementTypes } from './onnx-schema.js';
import { sizeOf } from './sizes.js';
import { dimsOf, intsOf } from './tensor.js';
import { zerosOf, zerosPacked, zerosQuantized } from './zeros.js';

/** A constant value: how many elements, and whether they are numbers that take part in the arithmetic (not shapes or axes). */
interface ConstantValue {
  readonly elements: number;
  readonly weight: boolean;
  /** The stored tensor itself, where it is not computed. */
  readonly tensor?: Tensor;
  /** Counts the elements that are zero; undefined where that cannot be told without computing. */
  readonly zeros: () => number | undefined;
}

const stored = (tensor: Tensor): ConstantValue => ({
  elements: sizeOf(tensor.dims),
  weight: elementTypes[tensor.dataType]?.weight ?? false,
  tensor,
  zeros: () => zerosOf(tensor),
});

const unknownZeros = (): undefined => undefined;

/** Operators on constants that leave the number of elements alone, or spread a scale over them. */
const sizeKeeping = new Set([
  'Cast',
  'DequantizeLinear',
  'Mul',
  'Sub',
  'Add',
  'Div',
  'Floor',
  'Reshape',
  'Transpose',
  'Identity',
  'Unsqueeze',
  'Squeeze',
  'Flatten',
]);
/** Operators whose further inputs are scales, zero points or bounds. */
const scaled = new Set(['QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'QLinearMatMul', 'Clip', 'Resize', 'Pad']);

/** Weights of a model, in the form in which they are used: stored weights are followed through the nodes that decode them. */
export interface WeightUse {
  /** Sub-graphs count too; a weight that several nodes read counts once. */
  readonly parameters: number;
  /** How many of them are zero; undefined where a weight's decoding is too intricate to tell. Counted when asked. */
  zeros(): WeightZeros | undefined;
  /** Weights a node reads, those of its sub-graphs too; a weight that several nodes read counts for each. Nodes without any are absent. */
  readonly byNode: ReadonlyMap<Node, number>;
}

export interface WeightZeros {
  readonly zeros: number;
  /** Number of weights these are among. */
  readonly of: number;
}

export function weightUse(graph: Graph): WeightUse {
  const byNode = new Map<Node, Set<ConstantValue>>();
  collect(graph.body, new Map(), byNode);
  const used = [...new Set([...byNode.values()].flatMap((values) => [...values]))];
  const sum = (values: Iterable<ConstantValue>): number => [...values].reduce((total, v) => total + v.elements, 0);
  return {
    parameters: sum(used),
    zeros() {
      const counts = used.map((value) => value.zeros());
      if (counts.includes(undefined)) return undefined;
      return { zeros: counts.reduce<number>((total, count) => total + count!, 0), of: sum(used) };
    },
    byNode: new Map([...byNode].filter(([, values]) => values.size > 0).map(([node, values]) => [node, sum(values)])),
  };
}

/** Number of weights of a model, see `WeightUse`. */
export function parametersOf(graph: Graph): number {
  return weightUse(graph).parameters;
}

/** `owner`: the node of the main graph whose sub-graph `body` is. */
function collect(
  body: Graph['body'],
  outer: ReadonlyMap<string, ConstantValue>,
  byNode: Map<Node, Set<ConstantValue>>,
  owner?: Node,
): void {
  const constants = new Map(outer);
  const define = (name: string, value: ConstantValue): void => {
    constants.set(name, value);
  };
  for (const tensor of body.initializer) define(tensor.name, stored(tensor));
  for (const node of body.node) {
    const value = constantOf(node);
    if (value) define(node.output[0]!, stored(value));
    else if (
      node.input.length > 0 &&
      node.input.every((name) => constants.has(name)) &&
      decode(node, constants, define)
    )
      continue;
    else {
      const used = byNode.get(owner ?? node) ?? new Set();
      byNode.set(owner ?? node, used);
      node.input.forEach((name, i) => {
        const constant = constants.get(name);
        // Inputs 0, 3 and 8 of QLinear operators are data, weight and int32 bias; the others scales.
        if (!constant || (scaled.has(node.opType) && ![0, 3, 8].includes(i))) return;
        // Of the inputs of MatMulNBits, 2, 3 and 4 are scales, zero points and an order.
        if (node.opType === 'MatMulNBits' && i > 1 && i < 5) return;
        if (constant.weight || (node.opType === 'QLinearConv' && i === 8))
          used.add(asRead(node, i, constant, constants));
      });
    }
    for (const inner of subGraphs(node)) collect(inner, constants, byNode, owner ?? node);
  }
}

/** Weights that the operator itself decodes, as it reads them: once for each, so that a shared one stays one. */
const decodedByReader = new WeakMap<ConstantValue, ConstantValue>();

function asRead(
  node: Node,
  index: number,
  constant: ConstantValue,
  constants: ReadonlyMap<string, ConstantValue>,
): ConstantValue {
  const known = decodedByReader.get(constant);
  if (known) return known;
  const { tensor, weight } = constant;
  let read: ConstantValue;
  if (node.opType === 'MatMulNBits' && index === 1) {
    // Several values share a byte, and rows are filled up to whole blocks.
    const elements = intAttribute(node, 'K', 0) * intAttribute(node, 'N', 0);
    read = { elements, weight, zeros: () => (tensor && !node.input[3] ? zerosPacked(node, tensor) : undefined) };
  } else if (node.opType.startsWith('QLinear') && index === 3) {
    const zeroPoint = constants.get(node.input[5] ?? '')?.tensor;
    read = { ...constant, zeros: () => (tensor && zeroPoint ? zerosQuantized(tensor, zeroPoint, 0) : undefined) };
  } else return constant;
  decodedByReader.set(constant, read);
  return read;
}

/** Follows constants through a node; false where it is not known how many values come out: they count as they go in. */
function decode(
  node: Node,
  constants: ReadonlyMap<string, ConstantValue>,
  define: (name: string, value: ConstantValue) => void,
): boolean {
  const inputs = node.input.map((name) => constants.get(name)!);
  const largest = Math.max(...inputs.map((c) => c.elements));
  if (node.opType === 'Concat')
    define(node.output[0]!, {
      elements: inputs.reduce((sum, c) => sum + c.elements, 0),
      weight: inputs.some((c) => c.weight),
      zeros: unknownZeros,
    });
  else if (node.opType === 'Split') {
    const given = inputs[1]?.tensor;
    const sizes = given ? intsOf(given) : (node.attribute.find((a) => a.name === 'split')?.ints ?? []);
    for (const [i, name] of node.output.entries())
      define(name, { elements: Number(sizes[i] ?? 0), weight: true, zeros: unknownZeros });
  } else if (sizeKeeping.has(node.opType)) {
    // A DequantizeLinear of an int32 bias makes a weight out of what looked like an index.
    define(node.output[0]!, {
      elements: node.opType === 'Reshape' ? inputs[0]!.elements : largest,
      weight: inputs[0]!.weight || node.opType === 'DequantizeLinear',
      zeros: decodedZeros(node, inputs),
    });
  } else if (node.opType === 'Gather' && (inputs[0]!.tensor?.dims.length ?? 0) > 0 && inputs[0]!.elements > 0) {
    // A codebook and indices into it, or rows of a constant table.
    const [table, indices] = [inputs[0]!, inputs[1]!];
    const dims = dimsOf(table.tensor!);
    const axis = (intAttribute(node, 'axis', 0) + dims.length) % dims.length;
    define(node.output[0]!, {
      elements: (table.elements / dims[axis]!) * indices.elements,
      weight: table.weight,
      zeros: unknownZeros,
    });
  } else return false;
  return true;
}

/** Operators that leave a zero a zero and nothing else one. */
const zeroKeeping = new Set(['Cast', 'Reshape', 'Transpose', 'Identity', 'Unsqueeze', 'Squeeze', 'Flatten']);

function decodedZeros(node: Node, inputs: readonly ConstantValue[]): () => number | undefined {
  const [value, second, third] = inputs;
  if (zeroKeeping.has(node.opType)) return value!.zeros;
  // Scales are not zero.
  if (node.opType === 'Mul' || node.opType === 'Div')
    return value!.elements >= second!.elements ? value!.zeros : unknownZeros;
  const tensor = value!.tensor;
  if (node.opType === 'DequantizeLinear' && tensor && (!third || third.tensor))
    return () => zerosQuantized(tensor, third?.tensor, intAttribute(node, 'axis', 1));
  return unknownZeros;
}
