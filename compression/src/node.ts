import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from 'onnx-buf';

export type Node = NodeProto;
export type Tensor = TensorProto;
/** A graph or sub-graph. */
export type Body = GraphProto;

export type AttributeValue =
  | number
  | bigint
  | string
  | readonly bigint[]
  | readonly number[]
  | { readonly float: number }
  | Tensor;

/**
 * A new node. Attributes: number or bigint = int, `{ float }` = float, string, list of bigint = ints, list of number = floats, tensor.
 */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  options: { name?: string; domain?: string } = {},
): Node {
  return create(NodeProtoSchema, {
    opType,
    input: [...inputs],
    output: [...outputs],
    ...(options.name !== undefined && { name: options.name }),
    ...(options.domain !== undefined && { domain: options.domain }),
    attribute: Object.entries(attributes).map(([name, value]) => {
      if (typeof value === 'number' || typeof value === 'bigint')
        return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
      if (typeof value === 'string')
        return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
      if (isList(value)) {
        const ints = value.filter((v) => typeof v === 'bigint');
        return ints.length === value.length
          ? create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints })
          : create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: value.map(Number) });
      }
      if ('float' in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
      return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t: value });
    }),
  });
}

const isList = (value: AttributeValue): value is readonly bigint[] | readonly number[] => Array.isArray(value);

const attribute = (node: Node, name: string) => node.attribute.find((a) => a.name === name);

/** The tensor a Constant node holds; undefined for other nodes and for constants given as plain numbers. */
export function constantOf(node: Node): Tensor | undefined {
  return node.opType === 'Constant' ? attribute(node, 'value')?.t : undefined;
}

export function intAttribute(node: Node, name: string, fallback: number): number {
  const found = attribute(node, name);
  return found ? Number(found.i) : fallback;
}
export function intsAttribute(node: Node, name: string): number[] | undefined {
  return attribute(node, name)?.ints.map(Number);
}
export function floatAttribute(node: Node, name: string, fallback: number): number {
  return attribute(node, name)?.f ?? fallback;
}
export function stringAttribute(node: Node, name: string, fallback: string): string {
  const found = attribute(node, name);
  return found ? new TextDecoder().decode(found.s) : fallback;
}
export function setIntAttribute(node: Node, name: string, value: number): void {
  const made = create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  const at = node.attribute.findIndex((a) => a.name === name);
  if (at < 0) node.attribute.push(made);
  else node.attribute[at] = made;
}

/** Graphs inside a node (branches of If, bodies of Loop and Scan). */
export function subGraphs(node: Node): Body[] {
  return node.attribute.flatMap((a) => [...(a.g ? [a.g] : []), ...a.graphs]);
}

/** What to call a node in messages: its name, else its first output. */
export function nodeName(node: Node): string {
  return node.name || node.output[0] || node.opType;
}
