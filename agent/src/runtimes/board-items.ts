import { open } from 'node:fs/promises';
import { evaluationOrder, protocols } from '@hilltop/contracts';
import type { Board } from '@hilltop/firmware-bridge';
import type { Prepared } from './board-plan.js';
import { runFailure } from './outcome.js';
import type { Items, Subject } from './runtime.js';
import { allNaN, castItem, predictedClass, storedElementBytes, type TensorData } from './tensors.js';

type Data = NonNullable<Subject['data']>;

/** Items that are evaluated before it is decided how many there is time for. */
const pilotItems = 8;
/** Fewest items of a subset: the 95 % interval of a share near 0.9 is then 15 points wide. */
export const fewestItems = 64;
/** Items go out when so many are there or so much time has passed: the screen follows, the journal is not flooded. */
const sendItems = 256;
const sendMs = 1000;

/**
 * How many of `total` items there is time for: all, or a power of two, so that variants of about the same speed get the same items.
 */
export function plannedItems(total: number, perItemMs: number, maxMs: number): number {
  const inTime = Math.floor(maxMs / perItemMs);
  if (inTime >= total) return total;
  return Math.min(total, Math.max(fewestItems, 2 ** Math.floor(Math.log2(Math.max(1, inTime)))));
}

/** The labelled items, or as many as there is time for, one after the other; the class is the largest output. */
export async function evaluateOnBoard(
  board: Board,
  prepared: Prepared,
  subject: Subject,
  items: number,
  onItems: (items: Items) => void,
  signal: AbortSignal,
): Promise<void> {
  const data = subject.data!;
  const floats = new Float32Array(data.layout.inputs[0]!.elements);
  await evaluateItems(subject, items, onItems, async (item) => {
    const label = await readItem(data, item, floats);
    const output = prepared.outputOf((await board.runItem(prepared.inputOf(floats), { signal })).output);
    return { label, output, type: 'float32' };
  });
}

/** What came of one item. */
export interface Evaluated {
  readonly label: number | undefined;
  readonly output: TensorData;
  readonly type: string;
}

/** Runs the items in their order, as many as there is time for, and tells what each was taken for. */
export async function evaluateItems(
  subject: Subject,
  items: number,
  onItems: (items: Items) => void,
  run: (item: number) => Promise<Evaluated>,
): Promise<void> {
  const maxMs = (subject.board ?? protocols.standard.board).evaluationMaxMs;
  const order = evaluationOrder(items);
  const started = performance.now();
  let planned = items;
  let ready = emptyItems();
  let sentAt = started;
  let valid = 0;
  for (let i = 0; i < planned; i++) {
    const item = order[i]!;
    const { label, output, type } = await run(item);
    if (!allNaN(output, type)) valid++;
    const predicted = predictedClass(output, subject.outputs[0]!.type);
    ready.item.push(item);
    ready.predicted.push(predicted);
    ready.correct.push(label !== undefined && label >= 0 && predicted === label ? 1 : 0);
    const now = performance.now();
    const done = i + 1;
    const pilot = Math.min(pilotItems, items);
    if (done < pilot) continue;
    if (done === pilot) planned = plannedItems(items, (now - started) / done, maxMs);
    // The pilot goes out at once: with it people learn of how many.
    else if (ready.item.length < sendItems && now - sentAt < sendMs && done < planned) continue;
    onItems({ ...ready, planned });
    ready = emptyItems();
    sentAt = now;
  }
  if (valid === 0) throw runFailure('run.output-invalid', 'user', 'the model gives nothing but NaN for every item');
}

const emptyItems = () => ({ item: [] as number[], predicted: [] as number[], correct: [] as number[] });

/** Puts an item of the labelled data into `values`; resolves with its label, where there is one. */
export async function readItem(
  data: Data,
  item: number,
  values: Float32Array | Float64Array,
): Promise<number | undefined> {
  const stored = data.layout.inputs[0]!;
  const size = stored.elements * storedElementBytes(stored.type);
  const file = await open(data.path, 'r');
  try {
    const read = async (at: number, length: number): Promise<Buffer> => {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      if (bytesRead !== length)
        throw runFailure('data.shape-mismatch', 'infrastructure', 'the labelled data ends too early');
      return bytes;
    };
    castItem(await read(stored.at + item * size, size), stored, 'float32', values);
    const { labelsAt } = data.layout;
    return labelsAt === undefined ? undefined : Number((await read(labelsAt + item * 8, 8)).readBigInt64LE(0));
  } finally {
    await file.close();
  }
}
