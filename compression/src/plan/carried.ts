import type { Links } from '../graph.js';
import type { Node } from '../node.js';

const quantizes = new Set(['QuantizeLinear']);
const dequantizes = new Set(['DequantizeLinear']);
/** Operators that a kernel of integers has room for behind another one: they clip, or move nothing. */
const passing = new Set(['Relu', 'Clip', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout']);
/** Operators that multiply integers and may give float sums. */
const products = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/**
 * Float tensors that are only written down in a QDQ graph (`DequantizeLinear -> operator -> QuantizeLinear`), while a device computes on
 * the integers: each with the tensor of integers that stands for it. They take no memory of their own. Three rules:
 *
 * 1. An operator computes on integers when all its data comes from DequantizeLinear and its one output goes, through nothing but
 *    clipping and reshaping, to one QuantizeLinear: its float results are the integers behind it.
 * 2. A graph input that only a QuantizeLinear reads is fed as integers, a graph output that a DequantizeLinear makes is read as integers.
 * 3. The output of a DequantizeLinear is its integers where every reader is an operator of rule 1, or a product of Conv, Gemm or MatMul,
 *    which sums integers up to a float. For any other reader it is a float tensor of its own.
 */
export function carriedIntegers(
  nodes: readonly Node[],
  links: Links,
  isConstant: (name: string) => boolean,
): Map<string, string> {
  const integersOf = new Map<string, string>();
  const readers = (name: string): readonly { node: Node; index: number }[] => links.consumers.get(name) ?? [];
  const soleReader = (name: string): Node | undefined => {
    const all = readers(name);
    return all.length === 1 && all[0]!.index === 0 && !links.outputs.has(name) && !links.captured.has(name)
      ? all[0]!.node
      : undefined;
  };
  /** The integers a float tensor is on its way to, if it is. */
  const target = (name: string): string | undefined => {
    let at = name;
    // As many steps as there are nodes: a chain, never a circle.
    for (let reader = soleReader(at); reader; reader = soleReader(at)) {
      if (quantizes.has(reader.opType)) return reader.output[0]!;
      if (!passing.has(reader.opType)) return undefined;
      at = reader.output[0]!;
    }
    return undefined;
  };
  const onIntegers = new Set<Node>();
  const held = new Set<string>();
  const carry = (name: string): boolean => {
    const integers = target(name);
    if (integers === undefined) return false;
    integersOf.set(name, integers);
    held.add(name);
    return true;
  };
  const inputs = new Set<string>();
  for (const node of nodes)
    for (const name of node.input) if (name !== '' && !links.producer.has(name) && !isConstant(name)) inputs.add(name);
  for (const name of inputs) {
    const reader = soleReader(name);
    if (reader && quantizes.has(reader.opType)) carry(name);
  }
  for (const node of nodes) {
    if (dequantizes.has(node.opType)) {
      if (!isConstant(node.input[0]!)) held.add(node.output[0]!);
      continue;
    }
    if (quantizes.has(node.opType)) continue;
    const data = node.input.filter((name) => name !== '' && !isConstant(name));
    if (data.length === 0 || !data.every((name) => held.has(name))) continue;
    if (node.output.length === 1 && carry(node.output[0]!)) onIntegers.add(node);
    else if (products.has(node.opType)) onIntegers.add(node);
  }
  for (const node of nodes) {
    const output = node.output[0]!;
    if (!dequantizes.has(node.opType) || isConstant(node.input[0]!) || links.captured.has(output)) continue;
    if (readers(output).every((reader) => onIntegers.has(reader.node))) integersOf.set(output, node.input[0]!);
  }
  return integersOf;
}
