import { readGraph, writeGraph } from '../graph.js';
import type { HostPlatform } from '../host-platform.js';
import { DataType, dimsOf, uint8Tensor } from '../tensor.js';

/** Whether ONNX Runtime adds products of uint8 and int8 in 16 bits on this processor, where pairs of them overflow: x64 without VNNI. */
export const overflows = ({ cpu }: HostPlatform): boolean => cpu.startsWith('x64') && !cpu.includes('vnni');

/**
 * The same model with int8 weights w as uint8 w + 128 with the zero point 128: the same reals, from integers that every processor multiplies
 * exactly. It is what the runtime's own option for exact sums (session.x64quantprecision) does; that of 1.30 fails on weights of one name.
 */
export function withUnsignedWeights(model: Uint8Array): Uint8Array {
  const graph = readGraph(model);
  const stored = new Map(graph.body.initializer.map((tensor) => [tensor.name, tensor]));
  let made = 0;
  const store = (dims: readonly number[], values: Uint8Array): string => {
    const name = `unsigned.${made++}`;
    graph.body.initializer.push(uint8Tensor(name, dims, values));
    return name;
  };
  for (const node of graph.body.node) {
    const weight = stored.get(node.input[0]!);
    if (node.opType !== 'DequantizeLinear' || weight?.dataType !== DataType.INT8 || weight.dims.length < 2) continue;
    const values = Uint8Array.from(weight.rawData, (bits) => bits ^ 0x80);
    const zeroDims = dimsOf(stored.get(node.input[1]!)!);
    const zeros = new Uint8Array(zeroDims.reduce((product, d) => product * d, 1)).fill(128);
    node.input = [store(dimsOf(weight), values), node.input[1]!, store(zeroDims, zeros)];
  }
  return writeGraph(graph);
}
