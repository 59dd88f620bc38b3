import type { Host } from '../host.js';
import { type AttributeValue, makeNode, type Node, type Tensor } from '../node.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';
import { modelOf, randomFloats, randomPack, randomWeight, type ValueSpec } from './models.js';

export const image: ValueSpec[] = [{ name: 'x', dims: ['N', 4, 6, 6] }];
export const flat: ValueSpec[] = [{ name: 'x', dims: ['N', 12] }];
export const anything: ValueSpec[] = [{ name: 'y', dims: ['a', 'b', 'c', 'd'] }];
export const rows: ValueSpec[] = [{ name: 'y', dims: ['a', 'b'] }];
/** A model of few nodes. */
export const net = (
  nodes: Node[],
  initializers: Tensor[],
  inputs = image,
  outputs = anything,
  opset = 13,
): Uint8Array => modelOf({ nodes, initializers, inputs, outputs, opset });

/** Multiplies output channels by factors from 1/100 to 100, and divides the next layer's inputs: the same function, badly scaled. */
export function unbalanced(tensor: Tensor, axis: number, seed: number, sign: 1 | -1): Tensor {
  const dims = dimsOf(tensor);
  const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
  const factors = randomFloats(dims[axis]!, seed).map((v) => 100 ** (sign * v));
  const data = floatsOf(tensor)!.map((v, i) => v * factors[Math.floor(i / inner) % dims[axis]!]!);
  return float32Tensor(tensor.name, dims, data);
}

/** A Conv named after its output. */
export const conv = (
  input: string,
  output: string,
  weights: string[],
  more: Record<string, AttributeValue> = {},
): Node => makeNode('Conv', [input, ...weights], [output], more, { name: `conv ${output}` });
export const pads = { pads: [1n, 1n, 1n, 1n] };
export const w1 = unbalanced(randomWeight('w1', [8, 4, 3, 3], 1), 0, 9, 1);
export const b1 = unbalanced(randomWeight('b1', [8], 2), 0, 9, 1);
export const w2 = unbalanced(randomWeight('w2', [6, 8, 3, 3], 3), 1, 9, -1);

/** Two layers with nodes from `c` to `last` between them. */
export const twoLayers = (between: Node[], last: string, more: Tensor[] = [], opset = 13): Uint8Array =>
  net(
    [conv('x', 'c', ['w1', 'b1'], pads), ...between, conv(last, 'y', ['w2'], pads)],
    [w1, b1, w2, ...more],
    image,
    anything,
    opset,
  );
/** Weight of a Gemm or MatMul with five outputs. */
export const headWeight = (rowsOfWeight: number) => unbalanced(randomWeight('v', [rowsOfWeight, 5], 4), 0, 3, 1);

/** Largest difference between the outputs of two models as a share of the largest output. */
export async function difference(host: Host, a: Uint8Array, b: Uint8Array, dims: readonly number[]): Promise<number> {
  const pack = randomPack(8, dims, 5);
  const [before, after] = [(await host.outputs(a, pack)).data, (await host.outputs(b, pack)).data];
  const largest = before.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return before.reduce((m, v, i) => Math.max(m, Math.abs(v - after[i]!)), 0) / largest;
}
