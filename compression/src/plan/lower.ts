import { type Graph, linksOf, opsetOf } from '../graph.js';
import type { TensorShape } from '../host-messages.js';
import { type Node, subGraphs } from '../node.js';
import { constantOfNode, readConstant } from './constants.js';
import type { Draft, Operand } from './draft.js';
import { operandOf } from './draft.js';
import type { Flow, Quantized } from './flow.js';
import { functions } from './functions.js';
import { binary, clip, unary } from './lower-elements.js';
import { concat, softmax } from './lower-joins.js';
import { identity, pad, reshape, transpose } from './lower-moves.js';
import { conv, gemm, matMul } from './lower-products.js';
import { dequantizeLinear, graphInput, quantizeLinear } from './lower-quantization.js';
import { averagePool, globalAveragePool, maxPool, reduceMean } from './lower-windows.js';
import { Lowering } from './lowering.js';
import { unsupported } from './unsupported.js';
import { channelsLast, identityOrder, sameOrder, type View } from './view.js';

type Lower = (l: Lowering) => Flow;

const table: Readonly<Record<string, Lower>> = {
  ...Object.fromEntries(Object.keys(functions).map((op) => [op, unary])),
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  Conv: conv,
  Gemm: gemm,
  MatMul: matMul,
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Min: binary,
  Max: binary,
  Pow: binary,
  PRelu: binary,
  Relu: clip,
  Clip: clip,
  MaxPool: maxPool,
  GlobalMaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  ReduceMean: reduceMean,
  Softmax: softmax,
  Concat: concat,
  Pad: pad,
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Identity: identity,
  Dropout: identity,
};

/** Operators a plan can be made of. */
export const planOperators: readonly string[] = Object.keys(table).sort();

export interface Lowered extends Draft {
  /** Integer tensors of the model, by name, and where their values lie: what a QuantizeLinear gives, or an input of integers. */
  readonly integers: ReadonlyMap<string, Quantized>;
}

/**
 * Turns a QDQ graph into integer operators, node by node: what lies between DequantizeLinear and QuantizeLinear becomes one kernel, whose
 * rounding the QuantizeLinear gives. `shapes` are those of all tensors at batch 1. Throws `plan.unsupported` with details.node and
 * details.reason.
 */
export function lower(graph: Graph, shapes: ReadonlyMap<string, TensorShape>): Lowered {
  const l = new Lowering(linksOf(graph), shapes, opsetOf(graph));
  for (const tensor of graph.body.initializer) {
    const constant = readConstant(tensor);
    if (constant) l.flows.set(tensor.name, constant);
  }
  const inputs = graph.body.input.filter((input) => !l.links.constants.has(input.name));
  for (const { name } of inputs) l.flows.set(name, graphInput(l, name, shapes.get(name)?.type ?? 'of an unknown type'));
  for (const node of graph.body.node) {
    l.node = node;
    l.flows.set(node.output[0]!, lowered(l, node));
  }
  l.node = undefined;
  const outputs = graph.body.output.map(({ name }) => outputOf(l, name));
  return {
    inputs: inputs.map(
      ({ name }) =>
        l.inputs.get(name) ?? l.refuse(`input ${name} is never quantized: it needs a QuantizeLinear behind it`),
    ),
    outputs,
    ops: l.ops,
    integers: new Map([...l.flows].flatMap(([name, flow]) => (flow.kind === 'quantized' ? [[name, flow]] : []))),
  };
}

function lowered(l: Lowering, node: Node): Flow {
  if (subGraphs(node).length > 0) return l.refuse('it has sub-graphs: export the model without If, Loop and Scan');
  const constant = constantOfNode(node);
  if (node.opType === 'Constant') return constant ?? l.refuse('it holds no numbers');
  if (node.opType === 'Shape' || node.opType === 'Size') return { kind: 'shape' };
  const flows = node.input.filter((name) => name !== '').map((name) => l.flows.get(name));
  // Arithmetic on shapes, which are known.
  if (flows.some((f) => f?.kind === 'shape') && flows.every((f) => f?.kind === 'shape' || f?.kind === 'constant'))
    return { kind: 'shape' };
  const own =
    ['', 'ai.onnx'].includes(node.domain) || (node.domain === 'com.microsoft' && /^(De)?Quantize/.test(node.opType));
  const lowering = own ? table[node.opType] : undefined;
  if (lowering) return lowering(l);
  if (node.opType === 'BatchNormalization')
    return l.refuse('it stands by itself: apply the pass optimize before quantize-static');
  return l.refuse('there is no kernel for it');
}

function outputOf(l: Lowering, name: string): Operand {
  const flow = l.flows.get(name);
  const producer = l.links.producer.get(name);
  const refuse = (why: string): never => {
    throw unsupported(producer ?? name, why);
  };
  const settled = (view: View): View => {
    const own = l.settled(view);
    const rank = own.dims.length;
    const rows = identityOrder(rank);
    return l.arranged(own, sameOrder(own.dims, own.order, rows) ? rows : channelsLast(rank));
  };
  if (flow?.kind === 'real' && !flow.map) return { ...operandOf(settled(flow.view)), affine: flow.affine };
  // What the host reads are the model's own integers.
  if (flow?.kind === 'quantized') return { ...operandOf(settled(flow.view)), affine: { scale: 1, zero: flow.shift } };
  if (flow?.kind === 'pending' && flow.finishFloat && !Number.isFinite(flow.low) && !Number.isFinite(flow.high))
    return operandOf(l.as(producer, () => settled(flow.finishFloat!())));
  if (flow?.kind === 'constant') return refuse(`output ${name} is a constant: leave it out`);
  return refuse(`output ${name} is computed in floats: it needs a QuantizeLinear and DequantizeLinear behind it`);
}
