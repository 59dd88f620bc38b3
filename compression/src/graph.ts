import { create, toBinary } from '@bufbuild/protobuf';
import { errorText, LabError } from '@hilltop/contracts';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { decodeModel, joined, joinedAndFreed, type Parts, partsOf, sameBytes } from './encode.js';
import { type Body, constantOf, type Node, nodeName, subGraphs, type Tensor } from './node.js';

/** A decoded model. Passes change `model` in place on their own copy; what they do not touch, unknown fields too, is written back. */
export interface Graph {
  readonly model: ModelProto;
  readonly body: Body;
  /** The bytes it was read from. */
  readonly source: Uint8Array;
}

/** Decodes a model that passed `checkModel`. Throws `model.not-onnx`. */
export function readGraph(bytes: Uint8Array): Graph {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    throw new LabError('model.not-onnx', `not an ONNX model: ${errorText(error)}`);
  }
  if (!model.graph) throw new LabError('model.not-onnx', 'not an ONNX model: it has no graph');
  return { model, body: model.graph, source: bytes };
}

/**
 * Encodes a graph. One that was not changed gives the bytes it was read from, also where their writer ordered or packed
 * fields in its own way.
 */
export function writeGraph(graph: Graph): Uint8Array {
  return write(graph, joined);
}

/** The same for a graph that nobody needs afterwards: its own weights are freed while the file is put together. */
export function writeAndFree(graph: Graph): Uint8Array {
  return write(graph, joinedAndFreed);
}

function write(graph: Graph, join: (parts: Parts) => Uint8Array): Uint8Array {
  const parts = partsOf(ModelProtoSchema, graph.model);
  if (sameBytes(parts, [graph.source])) return graph.source;
  return sameBytes(parts, partsOf(ModelProtoSchema, decodeModel(graph.source))) ? graph.source : join(parts);
}

/** Version of the standard operator set; 1 where the model does not state it. */
export function opsetOf(graph: Graph): number {
  const found = graph.model.opsetImport.find((o) => o.domain === '' || o.domain === 'ai.onnx');
  return found ? Number(found.version) : 1;
}

/** Adds an operator set import unless the domain is there already. */
export function importDomain(graph: Graph, domain: string, version: number): void {
  if (graph.model.opsetImport.some((o) => o.domain === domain)) return;
  graph.model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }));
}

/** Names a graph and its sub-graphs read. */
function namesRead(body: Body, into: Set<string>): Set<string> {
  for (const node of body.node) {
    for (const name of node.input) into.add(name);
    for (const inner of subGraphs(node)) namesRead(inner, into);
  }
  for (const output of body.output) into.add(output.name);
  return into;
}

/** Who makes and who reads each tensor of the main graph. A snapshot: build it again after edits. */
export interface Links {
  readonly producer: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<string, readonly { node: Node; index: number }[]>;
  /** Names of graph outputs. */
  readonly outputs: ReadonlySet<string>;
  /** Names that sub-graphs read from the main graph: they must stay as they are. */
  readonly captured: ReadonlySet<string>;
  /** Weights: initializers and the tensors of Constant nodes. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

export function linksOf(graph: Graph): Links {
  const producer = new Map<string, Node>();
  const consumers = new Map<string, { node: Node; index: number }[]>();
  const captured = new Set<string>();
  const constants = new Map<string, Tensor>();
  for (const tensor of graph.body.initializer) constants.set(tensor.name, tensor);
  for (const node of graph.body.node) {
    for (const name of node.output) if (name !== '') producer.set(name, node);
    node.input.forEach((name, index) => {
      if (name === '') return;
      const list = consumers.get(name);
      if (list) list.push({ node, index });
      else consumers.set(name, [{ node, index }]);
    });
    for (const inner of subGraphs(node)) namesRead(inner, captured);
    const value = constantOf(node);
    if (value) constants.set(node.output[0]!, value);
  }
  return { producer, consumers, outputs: new Set(graph.body.output.map((o) => o.name)), captured, constants };
}

/** The graph in the form passes work on: tensors of Constant nodes become initializers, and no input is one. */
export function hoistConstants(graph: Graph): void {
  const kept: Node[] = [];
  for (const node of graph.body.node) {
    const value = constantOf(node);
    if (!value) kept.push(node);
    else {
      value.name = node.output[0]!;
      graph.body.initializer.push(value);
    }
  }
  graph.body.node = kept;
  unlistInitializers(graph);
}

/** Takes initializers out of the list of inputs: IR 4 made listing them optional, and nobody overrides weights here. */
export function unlistInitializers(graph: Graph): void {
  const names = new Set(graph.body.initializer.map((t) => t.name));
  graph.body.input = graph.body.input.filter((input) => !names.has(input.name));
  raiseIrVersion(graph, 4);
}

export function raiseIrVersion(graph: Graph, version: number): void {
  if (graph.model.irVersion < BigInt(version)) graph.model.irVersion = BigInt(version);
}

/** Drops initializers nobody reads, and value_info of tensors that are gone. */
export function dropUnused(graph: Graph): void {
  const read = namesRead(graph.body, new Set());
  graph.body.initializer = graph.body.initializer.filter((t) => read.has(t.name));
  const made = new Set(graph.body.node.flatMap((n) => n.output));
  graph.body.valueInfo = graph.body.valueInfo.filter((v) => made.has(v.name));
}

/** Puts nodes in an order in which each comes after those it reads from. Throws `pass.failed` on a cycle. */
export function sortNodes(graph: Graph): void {
  const nodes = graph.body.node;
  const producer = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const name of node.output) if (name !== '') producer.set(name, i);
  });
  const readBy = nodes.map((node) => {
    const read = new Set(node.input);
    for (const inner of subGraphs(node)) namesRead(inner, read);
    return [...read].map((name) => producer.get(name)).filter((i) => i !== undefined);
  });
  const state = new Uint8Array(nodes.length);
  const sorted: Node[] = [];
  // Own stack: a chain of 200,000 nodes is legal.
  for (let root = 0; root < nodes.length; root++) {
    const stack = [root];
    while (stack.length > 0) {
      const at = stack[stack.length - 1]!;
      if (state[at] === 2) {
        stack.pop();
        continue;
      }
      const open = readBy[at]!.filter((i) => state[i] !== 2);
      if (open.length === 0) {
        state[at] = 2;
        sorted.push(nodes[at]!);
        stack.pop();
      } else {
        if (state[at] === 1) throw new LabError('pass.failed', `the graph has a cycle through ${nodeName(nodes[at]!)}`);
        state[at] = 1;
        stack.push(...open.reverse());
      }
    }
  }
  graph.body.node = sorted;
}

/**
 * The model with outputs added, in parts that share its memory: a second graph field, which decoders merge with the first.
 * ONNX Runtime infers the types.
 */
export function withOutputParts(bytes: Uint8Array, names: readonly string[]): Parts {
  const present = new Set(readGraph(bytes).body.output.map((o) => o.name));
  const output = [...new Set(names)]
    .filter((name) => !present.has(name))
    .map((name) => create(ValueInfoProtoSchema, { name }));
  const more = create(ModelProtoSchema, { graph: create(GraphProtoSchema, { output }) });
  return [bytes, toBinary(ModelProtoSchema, more)];
}

/** A copy of the model that also gives the named tensors; ONNX Runtime infers their types. */
export function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  return joined(withOutputParts(bytes, names));
}

/** Names a graph or one of its sub-graphs uses for anything: tensors and nodes. */
function namesUsed(body: Body, into: Set<string>): Set<string> {
  namesRead(body, into);
  for (const tensor of body.initializer) into.add(tensor.name);
  for (const input of body.input) into.add(input.name);
  for (const node of body.node) {
    // Two nodes of one name are an error to the runtime, too.
    if (node.name !== '') into.add(node.name);
    for (const name of node.output) into.add(name);
    for (const inner of subGraphs(node)) namesUsed(inner, into);
  }
  return into;
}

/** Makes names not yet used in the model: `prefix` and the smallest free number. */
export function freshNames(graph: Graph): (prefix: string) => string {
  const used = namesUsed(graph.body, new Set());
  const next = new Map<string, number>();
  return (prefix) => {
    for (let n = next.get(prefix) ?? 0; ; n++) {
      const name = `${prefix}${n}`;
      if (used.has(name)) continue;
      next.set(prefix, n + 1);
      used.add(name);
      return name;
    }
  };
}
