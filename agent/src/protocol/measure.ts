import {
  encodeColumns,
  type ObservationKind,
  type Observations,
  type Protocol,
  type RunPhase,
} from '@hilltop/contracts';
import type { Items, RuntimeDriver, Subject } from '../runtimes/runtime.js';
import { type Bucket, LiveBuckets } from './live-buckets.js';
import { blockRule } from './stop-rule.js';

export interface MeasurePlan {
  readonly runId: string;
  readonly fence: number;
  readonly protocol: Protocol;
  readonly subject: Subject;
  /** Labelled items there are; absent: no quality is measured. */
  readonly items?: number;
}

export interface Progress {
  readonly phase: RunPhase;
  readonly block?: number;
  readonly blocks?: number;
  readonly fraction: number;
  readonly buckets?: Bucket[];
}

export interface MeasureListener {
  readonly onObservations: (observations: Observations) => void;
  readonly onProgress: (progress: Progress) => void;
}

/** Rows of one batch: 32 KiB of latencies, well inside a frame. */
export const batchRows = 4096;

/** Share of a run's progress bar for its blocks when an evaluation follows. */
const blocksShare = 0.7;

/**
 * Measures one run: the protocol's blocks, each in a fresh process, then the labelled items in one more.
 * Every observation is handed on, in batches numbered from 0. Resolves with the number of batches.
 */
export async function measure(
  plan: MeasurePlan,
  driver: RuntimeDriver,
  listener: MeasureListener,
  signal: AbortSignal,
): Promise<number> {
  const { protocol, subject } = plan;
  const { blocks } = protocol;
  const items = plan.items === undefined ? 0 : Math.min(plan.items, protocol.evaluationItems ?? plan.items);
  const share = items > 0 ? blocksShare : 1;
  let seq = 0;
  const emit = (kind: ObservationKind, block: number, values: Record<string, ArrayLike<number>>): void => {
    listener.onObservations({
      runId: plan.runId,
      fence: plan.fence,
      seq: seq++,
      kind,
      block,
      ...encodeColumns(kind, values),
    });
  };
  const warmUp = {
    minMs: protocol.warmUpMinMs,
    minInferences: protocol.warmUpMinInferences,
    maxMs: protocol.warmUpMaxMs,
  };
  let inferences = 0;
  for (let block = 0; block < blocks; block++) {
    const rule = blockRule(protocol, block, inferences);
    const live = new LiveBuckets();
    const rows = { 'warm-up': new Batch(), latency: new Batch() };
    const done = (part: number): number => ((block + part) / blocks) * share;
    const take =
      (kind: keyof typeof rows) =>
      (values: Float64Array): void => {
        for (const full of rows[kind].add(values)) emit(kind, block, { latency_ms: full });
      };
    let spentMs = 0;
    const result = await driver.block(
      subject,
      warmUp,
      rule,
      {
        onPhase: (phase) => listener.onProgress({ phase, block, blocks, fraction: done(0) }),
        onWarmUp: take('warm-up'),
        onLatency: (values) => {
          take('latency')(values);
          live.push(values);
          for (const ms of values) spentMs += ms;
          inferences += values.length;
          listener.onProgress({
            phase: 'measuring',
            block,
            blocks,
            fraction: done(Math.min(1, spentMs / Math.max(1, rule.minMs))),
            buckets: live.take(),
          });
        },
      },
      signal,
    );
    for (const kind of ['warm-up', 'latency'] as const) {
      const rest = rows[kind].rest();
      if (rest.length > 0) emit(kind, block, { latency_ms: rest });
    }
    emit('process', block, column(result.process));
    emit('evidence', block, column(result.evidence));
  }
  if (items > 0) {
    listener.onProgress({ phase: 'evaluating', fraction: share });
    await driver.evaluate(
      subject,
      items,
      (part) => {
        for (const values of slices(part)) emit('item', 0, values);
        const seen = part.item.at(-1)! + 1;
        listener.onProgress({ phase: 'evaluating', fraction: share + (1 - share) * (seen / items) });
      },
      signal,
    );
  }
  return seq;
}

/** One row of numbers as columns of one. */
function column(row: Record<string, number>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]]));
}

function* slices(items: Items): Generator<Record<'item' | 'predicted' | 'correct', number[]>> {
  for (let at = 0; at < items.item.length; at += batchRows) {
    const cut = (values: readonly number[]) => values.slice(at, at + batchRows);
    yield { item: cut(items.item), predicted: cut(items.predicted), correct: cut(items.correct) };
  }
}

/** Gathers rows into full batches. */
class Batch {
  private values = new Float64Array(batchRows);
  private count = 0;

  *add(more: Float64Array): Generator<Float64Array> {
    for (const value of more) {
      this.values[this.count++] = value;
      if (this.count === batchRows) yield this.rest();
    }
  }

  rest(): Float64Array {
    const out = this.values.slice(0, this.count);
    this.count = 0;
    return out;
  }
}
