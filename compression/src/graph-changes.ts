import { createHash } from 'node:crypto';
import { NodeProtoSchema, TensorProtoSchema } from 'onnx-buf';
import { type Parts, partsOf } from './encode.js';
import { readGraph } from './graph.js';

/** Nodes and initializers in one of two models but not, alike, in the other; the larger side counts. 0: nothing was changed. */
export function countChanges(before: Uint8Array, after: Uint8Array): number {
  if (Buffer.compare(before, after) === 0) return 0;
  const old = parts(before);
  let added = 0;
  for (const [part, count] of parts(after)) {
    const left = (old.get(part) ?? 0) - count;
    if (left < 0) added -= left;
    old.set(part, Math.max(0, left));
  }
  const removed = [...old.values()].reduce((sum, count) => sum + count, 0);
  // Other bytes with the same parts: only headers (imports, IR version) differ.
  return Math.max(added, removed);
}

function parts(bytes: Uint8Array): Map<string, number> {
  const { body } = readGraph(bytes);
  const counts = new Map<string, number>();
  const add = (part: Parts): void => {
    const hash = createHash('sha1');
    for (const piece of part) hash.update(piece);
    const key = hash.digest('base64');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const node of body.node) add(partsOf(NodeProtoSchema, node));
  for (const tensor of body.initializer) add(partsOf(TensorProtoSchema, tensor));
  return counts;
}
