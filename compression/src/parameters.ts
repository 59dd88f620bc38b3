import type { Graph } from './graph.js';
import { constantOf, type Node, subGraphs, type Tensor } from './node.js';
import { elementTypes } from './onnx-schema.js';
import { sizeOf } from './sizes.js';
import { intsOf } from './tensor.js';

/** A constant value: how many elements, and whether they are numbers that take part in the arithmetic (not shapes or axes). */
interface ConstantValue {
  readonly elements: number;
  readonly weight: boolean;
  /** The stored tensor itself, where it is not computed. */
  readonly tensor?: Tensor;
}

const stored = (tensor: Tensor): ConstantValue => ({
  elements: sizeOf(tensor.dims),
  weight: elementTypes[tensor.dataType]?.weight ?? false,
  tensor,
});

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

/**
 * Number of weights of a model, in the form in which they are used: stored weights are followed through the nodes that decode
 * them. Sub-graphs count too; a weight that several nodes read counts once.
 */
export function parametersOf(graph: Graph): number {
  const used = new Set<ConstantValue>();
  collect(graph.body, new Map(), used);
  return [...used].reduce((sum, value) => sum + value.elements, 0);
}

function collect(body: Graph['body'], outer: ReadonlyMap<string, ConstantValue>, used: Set<ConstantValue>): void {
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
      node.input.forEach((name, i) => {
        const constant = constants.get(name);
        // Inputs 0, 3 and 8 of QLinear operators are data, weight and int32 bias; the others scales.
        if (!constant || (scaled.has(node.opType) && ![0, 3, 8].includes(i))) return;
        if (constant.weight || (node.opType === 'QLinearConv' && i === 8)) used.add(constant);
      });
    }
    for (const inner of subGraphs(node)) collect(inner, constants, used);
  }
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
    });
  else if (node.opType === 'Split') {
    const given = inputs[1]?.tensor;
    const sizes = given ? intsOf(given) : (node.attribute.find((a) => a.name === 'split')?.ints ?? []);
    for (const [i, name] of node.output.entries()) define(name, { elements: Number(sizes[i] ?? 0), weight: true });
  } else if (sizeKeeping.has(node.opType)) {
    // A DequantizeLinear of an int32 bias makes a weight out of what looked like an index.
    define(node.output[0]!, {
      elements: node.opType === 'Reshape' ? inputs[0]!.elements : largest,
      weight: inputs[0]!.weight || node.opType === 'DequantizeLinear',
    });
  } else return false;
  return true;
}
