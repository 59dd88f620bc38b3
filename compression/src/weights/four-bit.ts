import { type Body, makeNode, type Node, type Tensor } from '../node.js';
import { sizeOf } from '../sizes.js';
import { DataType, dimsOf, float16Tensor, float32Tensor, floatsOf, int64Tensor, uint8Tensor } from '../tensor.js';
import { blockScales, writeSteps } from './blocks.js';
import { channelAxis, replaceWeights, type Weight, weightsOf } from './bodies.js';

/** Fewer values per output channel than this (depthwise filters) are too few to average out 4-bit steps. */
const fewest = 16;

export interface FourBitOptions {
  readonly blockSize: number;
  readonly opset: number;
  /** Scales by the weight's name, one for each block, where they are already chosen. */
  readonly scales?: ReadonlyMap<string, Float32Array>;
}

/**
 * Stores all of a body's weights as 4-bit integers in one tensor, a float16 scale for each block of `blockSize` values. The
 * nodes that unpack it (opset 7 and up) are folded into float32 weights when the runtime loads the model:
 *
 *   bytes -> Cast -> low, high halves -> Concat -> -8 -> [blocks, blockSize] * scales -> Split -> Reshape to each weight
 *
 * One chain for all weights: on small models a chain for each would be larger than the weights.
 */
export function storeFourBit(
  body: Body,
  fresh: (prefix: string) => string,
  { blockSize, opset, scales: given }: FourBitOptions,
): number {
  const weights = weightsOf(body).filter(fitsFourBit);
  if (weights.length === 0) return 0;
  const lengths = weights.map((w) => Math.ceil(sizeOf(w.tensor.dims) / blockSize) * blockSize);
  const total = lengths.reduce((sum, n) => sum + n, 0);
  // The two halves of a byte hold values of the two halves of the list, so the list is even.
  const padded = Math.ceil(total / (2 * blockSize)) * 2 * blockSize;
  const values = new Uint8Array(padded).fill(8);
  const scales = new Float32Array(padded / blockSize);
  let at = 0;
  weights.forEach((weight, i) => {
    const data = floatsOf(weight.tensor)!;
    const own = given?.get(weight.tensor.name) ?? blockScales(data, blockSize, 4);
    scales.set(own, at / blockSize);
    writeSteps(data, own, blockSize, 4, values.subarray(at));
    at += lengths[i]!;
  });
  const half = padded / 2;
  const packed = Uint8Array.from({ length: half }, (_, i) => values[i]! | (values[half + i]! << 4));
  const { stored, nodes } = unpacking({ weights, lengths, packed, scales, blockSize, padded }, fresh, opset);
  replaceWeights(body, new Set(weights.map((w) => w.name)), stored, nodes);
  return weights.length;
}

/** Whether 4 bits do for a weight: enough values to each output channel, all finite. */
export function fitsFourBit(weight: Weight): boolean {
  const axis = channelAxis(weight);
  if (axis === undefined) return false;
  const dims = dimsOf(weight.tensor);
  return sizeOf(dims) / dims[axis]! >= fewest && floatsOf(weight.tensor)!.every(Number.isFinite);
}

interface Packed {
  readonly weights: readonly Weight[];
  readonly lengths: readonly number[];
  readonly packed: Uint8Array;
  readonly scales: Float32Array;
  readonly blockSize: number;
  readonly padded: number;
}

function unpacking(
  { weights, lengths, packed, scales, blockSize, padded }: Packed,
  fresh: (prefix: string) => string,
  opset: number,
): { stored: Tensor[]; nodes: Node[] } {
  const stored: Tensor[] = [];
  const nodes: Node[] = [];
  const store = (prefix: string, make: (name: string) => Tensor): string => {
    const tensor = make(fresh(prefix));
    stored.push(tensor);
    return tensor.name;
  };
  const step = (opType: string, inputs: string[], attributes = {}): string => {
    const output = fresh('u');
    nodes.push(makeNode(opType, inputs, [output], attributes));
    return output;
  };
  const number = (value: number): string => store('k', (name) => float32Tensor(name, [], Float32Array.of(value)));
  const shapes = new Map<string, string>();
  const shape = (dims: readonly number[]): string => {
    const known = shapes.get(dims.join());
    if (known !== undefined) return known;
    const made = store('k', (name) => int64Tensor(name, [dims.length], dims.map(BigInt)));
    shapes.set(dims.join(), made);
    return made;
  };
  const bytes = step('Cast', [store('p', (name) => uint8Tensor(name, [packed.length], packed))], {
    to: DataType.FLOAT,
  });
  const high = step('Floor', [step('Mul', [bytes, number(1 / 16)])]);
  const low = step('Sub', [bytes, step('Mul', [high, number(16)])]);
  const centred = step('Sub', [step('Concat', [low, high], { axis: 0 }), number(8)]);
  const scale = step('Cast', [store('s', (name) => float16Tensor(name, [scales.length, 1], scales))], {
    to: DataType.FLOAT,
  });
  const flat = step('Reshape', [
    step('Mul', [step('Reshape', [centred, shape([scales.length, blockSize])]), scale]),
    shape([padded]),
  ]);
  // Values that only fill up a weight's last block are split off and left unread.
  const sizes: number[] = [];
  const outputs: string[] = [];
  weights.forEach((weight, i) => {
    const size = sizeOf(weight.tensor.dims);
    const part = fresh('u');
    sizes.push(size);
    outputs.push(part);
    nodes.push(makeNode('Reshape', [part, shape(dimsOf(weight.tensor))], [weight.name]));
    if (lengths[i]! > size) {
      sizes.push(lengths[i]! - size);
      outputs.push(fresh('u'));
    }
  });
  const used = sizes.reduce((sum, n) => sum + n, 0);
  if (used < padded) {
    sizes.push(padded - used);
    outputs.push(fresh('u'));
  }
  const list = sizes.map(BigInt);
  const split =
    opset >= 13
      ? makeNode('Split', [flat, store('k', (name) => int64Tensor(name, [list.length], list))], outputs, { axis: 0 })
      : makeNode('Split', [flat], outputs, { axis: 0, split: list });
  nodes.splice(nodes.length - weights.length, 0, split);
  return { stored, nodes };
}
