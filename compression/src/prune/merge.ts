import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { type Graph, readGraph, unlistInitializers } from '../graph.js';
import { type Body, subGraphs } from '../node.js';

/** What a tensor of the original model is called beside its pruned copy. */
export const originalName = (tensor: string): string => `original:${tensor}`;

/**
 * One model that runs the original beside the pruned graph on the same inputs and gives the named tensors only; nodes they do not
 * need are left out. Tensors of the original are renamed by `originalName`.
 */
export function besideOriginal(original: Graph, pruned: Graph, wanted: readonly string[]): Uint8Array {
  const merged = readGraph(toBinary(ModelProtoSchema, pruned.model));
  const other = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, original.model)).graph!;
  const inputs = new Set(other.input.map((i) => i.name));
  const own = new Set([...other.initializer.map((t) => t.name), ...other.node.flatMap((n) => n.output)]);
  rename(other, (name) => (name !== '' && own.has(name) && !inputs.has(name) ? originalName(name) : name));
  for (const tensor of other.initializer) tensor.name = originalName(tensor.name);
  merged.body.node.push(...other.node);
  merged.body.initializer.push(...other.initializer);
  merged.body.valueInfo = [];
  keepOnly(merged.body, wanted);
  return toBinary(ModelProtoSchema, merged.model);
}

/** The part of a model that makes the named tensors, without outputs of its own. */
export function leadingTo(graph: Graph, wanted: readonly string[]): Uint8Array {
  const part = readGraph(toBinary(ModelProtoSchema, graph.model));
  part.body.valueInfo = [];
  // What is dropped must not stay behind as an input that wants data.
  unlistInitializers(part);
  keepOnly(part.body, wanted);
  return toBinary(ModelProtoSchema, part.model);
}

function rename(body: Body, to: (name: string) => string): void {
  for (const node of body.node) {
    node.input = node.input.map(to);
    node.output = node.output.map(to);
    // The runtime wants node names to be unique, too, and does without.
    node.name = '';
    for (const inner of subGraphs(node)) rename(inner, to);
  }
}

/** Makes the named tensors the outputs and drops every node that does not lead to one. */
function keepOnly(body: Body, wanted: readonly string[]): void {
  const needed = new Set(wanted);
  const addReads = (inner: Body): void => {
    for (const node of inner.node) {
      for (const name of node.input) needed.add(name);
      subGraphs(node).forEach(addReads);
    }
    for (const output of inner.output) needed.add(output.name);
  };
  body.node = [...body.node]
    .reverse()
    .filter((node) => {
      if (!node.output.some((name) => needed.has(name))) return false;
      for (const name of node.input) needed.add(name);
      subGraphs(node).forEach(addReads);
      return true;
    })
    .reverse();
  body.initializer = body.initializer.filter((t) => needed.has(t.name));
  body.output = [];
}
