import { decodeColumn, evaluationOrder, type ItemBits, LabError, type Observations } from '@hilltop/contracts';
import { packBits } from './item-bits.js';

/** Class of an item that was not evaluated. */
export const notEvaluated = -2;

export interface Quality {
  /** Quality metric id -> whether each evaluated item was right. */
  readonly right: Readonly<Record<string, readonly boolean[]>>;
  readonly bits: Readonly<Record<string, ItemBits>>;
  /** Predicted class by item: -1 none, -2 not evaluated. Absent where there was no evaluation. */
  readonly predicted?: Int32Array;
}

/**
 * Quality by item. Who evaluates a subset says of how many items and how many, and takes them from the beginning of `evaluationOrder`.
 * `reference`: class that fp32 predicted, by item. Throws `journal.gap` when an item is missing.
 */
export function qualityOf(
  all: readonly Observations[],
  { labelled, reference }: { readonly labelled: boolean; readonly reference?: Int32Array },
): Quality {
  const batches = all.filter((batch) => batch.kind === 'item');
  if (batches.length === 0) return { right: {}, bits: {} };
  const column = (name: string): number[] => batches.flatMap((batch) => [...decodeColumn(batch, name)]);
  const [items, classes, flags] = [column('item'), column('predicted'), column('correct')];
  const said = all.find((batch) => batch.kind === 'evaluation');
  const total = said ? decodeColumn(said, 'items_total')[0]! : items.length;
  const planned = said ? decodeColumn(said, 'items_planned')[0]! : total;
  if (planned > total || items.length !== planned)
    throw new LabError('journal.gap', `${items.length} items of ${planned}: the evaluation is not whole`);
  const order: ArrayLike<number> = planned < total ? evaluationOrder(total, planned) : items.map((_, i) => i);
  const predicted = new Int32Array(total).fill(notEvaluated);
  const correct = new Uint8Array(total);
  items.forEach((item, i) => {
    if (item >= total) throw new LabError('journal.gap', `item ${item} of ${total}: the evaluation is not whole`);
    predicted[item] = classes[i]!;
    correct[item] = flags[i]!;
  });
  const list = Array.from(order);
  const missing = list.find((item) => predicted[item] === notEvaluated);
  if (missing !== undefined)
    throw new LabError('journal.gap', `item ${missing} is missing: the evaluation is not whole`);
  const known = reference && list.every((item) => (reference[item] ?? notEvaluated) !== notEvaluated);
  const right = {
    ...(labelled && { accuracy: list.map((item) => correct[item] === 1) }),
    ...(reference && known && { agreement: list.map((item) => predicted[item] === reference[item]) }),
  };
  const bits = Object.fromEntries(
    Object.entries(right).map(([id, flags]) => [id, { ...packBits(flags), ...(planned < total && { of: total }) }]),
  );
  return { right, bits, predicted };
}
