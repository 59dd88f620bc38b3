import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { TensorProtoSchema } from 'onnx-buf';
import { partsOf } from '../encode.js';
import { freshNames, type Graph } from '../graph.js';
import { type Body, type Node, subGraphs, type Tensor } from '../node.js';
import { bodiesOf } from './bodies.js';

/** Bytes from which a second copy of a constant is worth finding. */
const smallest = 256;

/** Keeps one copy of large initializers that occur more than once, in whatever branches: it moves to the main graph, which all can read. */
export function shareConstants(graph: Graph): void {
  const copies = new Map<string, { body: Body; tensor: Tensor }[]>();
  for (const body of bodiesOf(graph)) {
    for (const tensor of body.initializer) {
      if (tensor.rawData.length < smallest) continue;
      const hash = createHash('sha256');
      for (const part of partsOf(TensorProtoSchema, named(tensor, ''))) hash.update(part);
      const key = hash.digest('hex');
      copies.set(key, [...(copies.get(key) ?? []), { body, tensor }]);
    }
  }
  const fresh = freshNames(graph);
  const inputs = new Set(graph.body.input.map((input) => input.name));
  for (const list of copies.values()) {
    if (list.length < 2 || list.some(({ tensor }) => inputs.has(tensor.name))) continue;
    const shared = named(list[0]!.tensor, fresh('shared'));
    graph.body.initializer.push(shared);
    for (const { body, tensor } of list) {
      // A body that gives the constant itself as its output keeps it.
      if (body.output.some((output) => output.name === tensor.name)) continue;
      body.initializer = body.initializer.filter((t) => t !== tensor);
      rename(body.node, tensor.name, shared.name);
    }
  }
}

function rename(nodes: readonly Node[], from: string, to: string): void {
  for (const node of nodes) {
    node.input = node.input.map((name) => (name === from ? to : name));
    for (const inner of subGraphs(node)) rename(inner.node, from, to);
  }
}

/** The same tensor, its values not copied, under another name. */
const named = (tensor: Tensor, name: string): Tensor => Object.assign(create(TensorProtoSchema), tensor, { name });
