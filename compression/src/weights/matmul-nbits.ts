import { type Graph, importDomain } from '../graph.js';
import { constantOf, floatAttribute, intAttribute, makeNode, type Node } from '../node.js';
import { DataType, dimsOf, float32Tensor, floatsOf, uint8Tensor } from '../tensor.js';
import { type Bits, blockScales, writeSteps } from './blocks.js';
import { bodiesOf } from './bodies.js';
import { type ConstantReads, constantReads, type OwnedConstant } from './reads.js';

/** A matrix that only MatMul or Gemm nodes read as their second input. */
export interface MatrixWeight {
  readonly constant: OwnedConstant;
  readonly readers: readonly Node[];
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the weight is stored outputs first. */
  readonly transposed: boolean;
}

/** Bytes of a node, names and shapes that a stored matrix costs besides its values and scales. */
const overhead = 200;

/** The matrices MatMulNBits can stand for with a gain, in the main graph and in sub-graphs. */
export function matrixWeights(
  graph: Graph,
  { bits, blockSize }: Pick<NBitsOptions, 'bits' | 'blockSize'>,
): MatrixWeight[] {
  const gains = ({ inputs, outputs }: MatrixWeight): boolean => {
    const blocks = outputs * Math.ceil(inputs / blockSize);
    return blocks * ((blockSize * bits) / 8 + 4) + overhead < inputs * outputs * 4;
  };
  const reads = constantReads(graph);
  const found = new Map<OwnedConstant['tensor'], MatrixWeight>();
  for (const body of bodiesOf(graph)) {
    for (const node of body.node) {
      const constant = reads.constantAt(node, 1);
      if (!constant || found.has(constant.tensor)) continue;
      const weight = matrixOf(constant, reads);
      if (weight && gains(weight)) found.set(constant.tensor, weight);
    }
  }
  return [...found.values()];
}

function matrixOf(constant: OwnedConstant, reads: ConstantReads): MatrixWeight | undefined {
  const { tensor, body, name } = constant;
  if (tensor.dataType !== DataType.FLOAT || tensor.dims.length !== 2) return undefined;
  if (body.output.some((output) => output.name === name)) return undefined;
  const readers = reads.readersOf(constant);
  const transposes = (node: Node): boolean => node.opType === 'Gemm' && intAttribute(node, 'transB', 0) !== 0;
  const transposed = transposes(readers[0]!);
  const fits = (node: Node): boolean =>
    (node.opType === 'MatMul' || node.opType === 'Gemm') &&
    node.input.filter((_, i) => reads.constantAt(node, i)?.tensor === tensor).length === 1 &&
    reads.constantAt(node, 1)?.tensor === tensor &&
    !reads.constantAt(node, 0) &&
    transposes(node) === transposed &&
    intAttribute(node, 'transA', 0) === 0 &&
    floatAttribute(node, 'alpha', 1) === 1 &&
    floatAttribute(node, 'beta', 1) === 1;
  if (!readers.every(fits) || !floatsOf(tensor)!.every(Number.isFinite)) return undefined;
  const [rows, columns] = dimsOf(tensor) as [number, number];
  return {
    constant,
    readers,
    transposed,
    inputs: transposed ? columns : rows,
    outputs: transposed ? rows : columns,
  };
}

/** The weight as MatMulNBits orders it: for each output its inputs, zeros up to a whole number of blocks. */
export function rowsInBlocks({ constant, inputs, outputs, transposed }: MatrixWeight, blockSize: number): Float32Array {
  const data = floatsOf(constant.tensor)!;
  const width = Math.ceil(inputs / blockSize) * blockSize;
  const rows = new Float32Array(outputs * width);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) rows[o * width + i] = data[transposed ? o * inputs + i : i * outputs + o]!;
  return rows;
}

export interface NBitsOptions {
  readonly bits: Bits;
  readonly blockSize: number;
  /** Scales by the weight's name, one for each block of `rowsInBlocks`, where they are already chosen. */
  readonly scales?: ReadonlyMap<string, Float32Array>;
}

/**
 * Puts com.microsoft MatMulNBits in place of MatMul and Gemm: the runtime multiplies by the stored bits, block by block, and never makes
 * float32 weights of them. A Gemm's bias is added behind it.
 */
export function storeAsNBits(
  graph: Graph,
  weights: readonly MatrixWeight[],
  fresh: (prefix: string) => string,
  { bits, blockSize, scales: given }: NBitsOptions,
): void {
  const made = new Map<Node, Node[]>();
  for (const weight of weights) {
    const { constant, inputs, outputs, readers } = weight;
    const rows = rowsInBlocks(weight, blockSize);
    const scales = given?.get(constant.name) ?? blockScales(rows, blockSize, bits);
    const steps = new Uint8Array(rows.length);
    writeSteps(rows, scales, blockSize, bits, steps);
    const packed =
      bits === 8
        ? steps
        : Uint8Array.from({ length: steps.length / 2 }, (_, i) => steps[2 * i]! | (steps[2 * i + 1]! << 4));
    const blocks = rows.length / outputs / blockSize;
    const [integers, scale] = [fresh('w'), fresh('s')];
    const { body, name } = constant;
    body.initializer = body.initializer.filter((tensor) => tensor.name !== name);
    body.node = body.node.filter((node) => !(constantOf(node) && node.output[0] === name));
    body.initializer.push(
      uint8Tensor(integers, [outputs, blocks, (blockSize * bits) / 8], packed),
      float32Tensor(scale, [outputs * blocks], Float32Array.from(scales)),
    );
    for (const node of readers) {
      const bias = node.opType === 'Gemm' ? (node.input[2] ?? '') : '';
      const output = node.output[0]!;
      const product = bias === '' ? output : fresh('p');
      const nodes = [
        makeNode(
          'MatMulNBits',
          [node.input[0]!, integers, scale],
          [product],
          { K: inputs, N: outputs, bits, block_size: blockSize },
          { name: node.name, domain: 'com.microsoft' },
        ),
      ];
      if (bias !== '') nodes.push(makeNode('Add', [product, bias], [output]));
      made.set(node, nodes);
    }
  }
  for (const body of bodiesOf(graph)) body.node = body.node.flatMap((node) => made.get(node) ?? [node]);
  importDomain(graph, 'com.microsoft', 1);
}
