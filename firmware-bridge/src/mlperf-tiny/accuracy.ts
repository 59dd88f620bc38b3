import type { TinyDevice } from './tiny-device.js';

/** One labelled item as the device takes it: the bytes of its input tensor. */
export interface TinyItem {
  readonly bytes: Uint8Array;
  readonly label: number;
}

export interface TinyItemResult {
  readonly item: number;
  readonly predicted: number;
  readonly correct: boolean;
  readonly outputs: Float64Array;
}

/**
 * Classifies items one by one, as the benchmark does in accuracy mode: load, infer once without warm-up, take the largest result (the
 * first of equal ones: results have three decimals). Throws as `TinyDevice` does.
 */
export async function* classifyItems(
  device: TinyDevice,
  items: Iterable<TinyItem>,
  options: { readonly inferTimeoutMs?: number; readonly signal?: AbortSignal; readonly verify?: boolean } = {},
): AsyncGenerator<TinyItemResult> {
  let item = 0;
  const { inferTimeoutMs: timeoutMs, signal, verify = false } = options;
  for (const { bytes, label } of items) {
    await device.loadInput(bytes, { signal, verify });
    const { results } = await device.infer(1, 0, { signal, ...(timeoutMs !== undefined && { timeoutMs }) });
    const predicted = largest(results);
    yield { item, predicted, correct: predicted === label, outputs: results };
    item++;
  }
}

function largest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
