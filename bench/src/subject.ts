import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkModel } from '@hilltop/compression';

/** A model file as a run sees it: bytes, hash, tensors; a free first dimension is the batch, and is one item. */
export function subjectOf(path: string) {
  const bytes = readFileSync(path);
  const { inputs, outputs } = checkModel(bytes);
  const one = (tensors: typeof inputs) =>
    tensors.map(({ name, type, dims }) => ({
      name,
      type,
      dims: dims.map((d, i) => (typeof d === 'number' ? d : i === 0 ? 1 : d)),
    }));
  return {
    artifact: { path, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
    inputs: one(inputs),
    outputs: one(outputs),
  };
}
