import type { Draft, Storage } from './draft.js';
import { type InPlacePair, type MemoryPlan, type PlannedTensor, planMemory } from './memory.js';

/** Where everything lies that is no constant. */
export interface Arena {
  /** Bytes, a multiple of 16. */
  readonly bytes: number;
  readonly offsetOf: (storage: Storage) => number;
  /** Of the op of this index; 0 where it needs none. */
  readonly scratchAt: (op: number) => number;
  readonly plan: MemoryPlan;
}

/**
 * Lays out activations and scratch. Step 0 is where the host writes inputs, op i is step i + 1, and outputs are read in the last step.
 * An input may be written over once its last reader has run.
 */
export function planArena(draft: Draft): Arena {
  const ids = new Map<Storage, string>();
  const lives = new Map<Storage, { first: number; last: number }>();
  const touch = (storage: Storage, step: number): void => {
    if (storage.data) return;
    const life = lives.get(storage);
    if (life) life.last = Math.max(life.last, step);
    else lives.set(storage, { first: step, last: step });
    if (!ids.has(storage)) ids.set(storage, `t${ids.size}`);
  };
  for (const { storage } of draft.inputs) touch(storage, 0);
  draft.ops.forEach((op, i) => {
    for (const { storage } of op.inputs) touch(storage, i + 1);
    touch(op.output.storage, i + 1);
  });
  for (const { storage } of draft.outputs) touch(storage, draft.ops.length + 1);
  const tensors: PlannedTensor[] = [...lives].map(([storage, life]) => ({
    name: ids.get(storage)!,
    bytes: storage.bytes,
    ...life,
  }));
  draft.ops.forEach(({ scratch }, i) => {
    if (scratch > 0) tensors.push({ name: `scratch ${i}`, bytes: scratch, first: i + 1, last: i + 1 });
  });
  const inPlace: InPlacePair[] = draft.ops.flatMap(({ inputs, output, inPlace: pairs }) =>
    pairs.flatMap((index) => {
      const { storage } = inputs[index]!;
      return storage.data ? [] : [{ input: ids.get(storage)!, output: ids.get(output.storage)! }];
    }),
  );
  const plan = planMemory(tensors, { inPlace });
  return {
    bytes: Math.ceil(plan.arenaBytes / 16) * 16,
    offsetOf: (storage) => plan.offsets.get(ids.get(storage)!) ?? 0,
    scratchAt: (op) => plan.offsets.get(`scratch ${op}`) ?? 0,
    plan,
  };
}
