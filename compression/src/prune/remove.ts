import { clone } from '@bufbuild/protobuf';
import { TensorProtoSchema } from 'onnx-buf';
import { freshNames, type Graph, linksOf } from '../graph.js';
import { setIntAttribute, type Tensor } from '../node.js';
import { sizeOf } from '../sizes.js';
import { DataType, dimsOf, int64Tensor, intsOf } from '../tensor.js';
import type { ChannelMap } from './channels.js';

/** Gives every reader of a shared constant its own copy, so that each can be cut its own way. */
export function unshareConstants(graph: Graph): void {
  const fresh = freshNames(graph);
  const { constants } = linksOf(graph);
  const seen = new Set<string>();
  for (const node of graph.body.node) {
    node.input = node.input.map((name) => {
      const tensor = constants.get(name);
      if (!tensor || !seen.has(name)) {
        seen.add(name);
        return name;
      }
      const copy = clone(TensorProtoSchema, tensor);
      copy.name = fresh('c');
      graph.body.initializer.push(copy);
      return copy.name;
    });
  }
}

/** Cuts the removed classes out of every constant that holds them. `removed` are roots of classes none of which is locked. */
export function removeChannels(graph: Graph, map: ChannelMap, removed: ReadonlySet<number>): void {
  const kept = (channels: Int32Array): number[] =>
    [...channels.keys()].filter((i) => !removed.has(map.root(channels[i]!)));
  const index = new Map(graph.body.initializer.map((tensor, i) => [tensor.name, i]));
  const replace = (name: string, make: (tensor: Tensor) => Tensor): void => {
    const at = index.get(name)!;
    graph.body.initializer[at] = make(graph.body.initializer[at]!);
  };
  for (const { constant, axis, channels } of map.slices) {
    const keep = kept(channels);
    if (keep.length < channels.length) replace(constant, (tensor) => takeSlices(tensor, axis, keep));
  }
  for (const { node, channels } of map.depthwise) {
    const weight = graph.body.initializer[index.get(node.input[1]!)!]!;
    const perGroup = channels.length / Number(node.attribute.find((a) => a.name === 'group')!.i);
    setIntAttribute(node, 'group', dimsOf(weight)[0]! / perGroup);
  }
  for (const { node, channels } of map.reshapes) {
    const size = BigInt(kept(channels).length);
    replace(node.input[1]!, (tensor) =>
      int64Tensor(
        tensor.name,
        dimsOf(tensor),
        intsOf(tensor).map((d, i) => (i === 1 ? size : d)),
      ),
    );
  }
  // Shapes noted inside the graph are out of date; the runtime finds them itself.
  graph.body.valueInfo = [];
}

/** The slices `keep` of a tensor along an axis, in that order; its type stays. */
export function takeSlices(tensor: Tensor, axis: number, keep: readonly number[]): Tensor {
  const dims = dimsOf(tensor);
  const cut = clone(TensorProtoSchema, tensor);
  cut.dims = dims.map((d, i) => BigInt(i === axis ? keep.length : d));
  const raw = rawOf(tensor);
  // Bytes of a run that stays together: everything behind the axis.
  const run = raw.length / sizeOf(dims.slice(0, axis + 1));
  const outer = sizeOf(dims.slice(0, axis));
  const bytes = new Uint8Array(outer * keep.length * run);
  for (let o = 0, at = 0; o < outer; o++) {
    for (const k of keep) {
      const from = (o * dims[axis]! + k) * run;
      bytes.set(raw.subarray(from, from + run), at);
      at += run;
    }
  }
  cut.rawData = bytes;
  cut.floatData = [];
  cut.doubleData = [];
  cut.int32Data = [];
  return cut;
}

/** A float tensor's elements as bytes, in its own type, wherever it keeps them. */
function rawOf(tensor: Tensor): Uint8Array {
  if (tensor.rawData.length > 0) return tensor.rawData;
  if (tensor.dataType === DataType.FLOAT16) return new Uint8Array(Uint16Array.from(tensor.int32Data).buffer);
  if (tensor.dataType === DataType.DOUBLE) return new Uint8Array(Float64Array.from(tensor.doubleData).buffer);
  return new Uint8Array(Float32Array.from(tensor.floatData).buffer);
}
