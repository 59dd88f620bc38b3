import { intAttribute, type Node } from './node.js';
import { sizeOf } from './sizes.js';

/** Index of the weight among a node's inputs, for the operators that multiply and accumulate. */
const weightInput: Readonly<Record<string, number>> = {
  Conv: 1,
  FusedConv: 1,
  ConvInteger: 1,
  QLinearConv: 3,
  ConvTranspose: 1,
  Gemm: 1,
  FusedGemm: 1,
  QGemm: 3,
  MatMul: 1,
  FusedMatMul: 1,
  MatMulInteger: 1,
  QLinearMatMul: 3,
  DynamicQuantizeMatMul: 1,
  MatMulIntegerToFloat: 1,
  MatMulNBits: 1,
};

/** The inputs whose shapes `macsOfNode` needs; none for operators that do not multiply and accumulate. */
export function macInputs(node: Node): string[] {
  const weight = weightInput[node.opType];
  return weight === undefined ? [] : [node.input[0]!, node.input[weight]!];
}

/**
 * Multiply-accumulates of a node, from the shapes of tensors by name; 0 for operators that make none. Undefined where a shape is missing.
 */
export function macsOfNode(node: Node, shapes: ReadonlyMap<string, readonly number[]>): number | undefined {
  if (macInputs(node).length === 0) return 0;
  const weight = shapes.get(node.input[weightInput[node.opType]!]!);
  const input = shapes.get(node.input[0]!);
  const output = shapes.get(node.output[0]!);
  if (!output || !input) return undefined;
  if (node.opType === 'MatMulNBits') return sizeOf(output) * intAttribute(node, 'K', 0);
  if (!weight || weight.length === 0) return undefined;
  if (node.opType === 'ConvTranspose') return (sizeOf(input) * sizeOf(weight)) / weight[0]!;
  if (node.opType.includes('Conv')) return (sizeOf(output) * sizeOf(weight)) / weight[0]!;
  if (node.opType.includes('Gemm'))
    return sizeOf(output) * (intAttribute(node, 'transB', 0) !== 0 ? weight[1]! : weight[0]!);
  return sizeOf(output) * input.at(-1)!;
}
