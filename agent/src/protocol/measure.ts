import {
  encodeColumns,
  type ObservationKind,
  type Observations,
  observationColumns,
  type Protocol,
  type RunPhase,
} from '@hilltop/contracts';
import type { BlockResult, Items, LayerRow, RuntimeDriver, Subject } from '../runtimes/runtime.js';
import type { OnPower, Recorder } from '../sensors/recorder.js';
import { type Bucket, LiveBuckets } from './live-buckets.js';
import { profileParts, worthProfiling } from './profile.js';
import { blockRule } from './stop-rule.js';

export interface MeasurePlan {
  readonly runId: string;
  readonly fence: number;
  readonly protocol: Protocol;
  readonly subject: Subject;
  /** Labelled items there are; absent: no quality is measured. */
  readonly items?: number;
  /** What is read beside the blocks. */
  readonly recorder?: Recorder;
}

export interface Progress {
  readonly phase: RunPhase;
  readonly block?: number;
  readonly blocks?: number;
  readonly fraction: number;
  readonly buckets?: Bucket[];
  /** Of a plan on its way to a board. */
  readonly fetchedBytes?: number;
  readonly totalBytes?: number;
}

export interface MeasureListener {
  readonly onObservations: (observations: Observations) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onPower?: OnPower;
  /** The layers could not be profiled; the run goes on. */
  readonly onUnprofiled?: (error: unknown) => void;
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
  const { subject } = plan;
  const protocol = driver.adapt?.(plan.protocol) ?? plan.protocol;
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
  let lastProcess: BlockResult['process'] | undefined;
  const { recorder } = plan;
  const idleMs = recorder?.hasPower ? (protocol.idleMs ?? 0) : 0;
  try {
    // Inside: of several sources one may fail to start, and the others are to be stopped.
    await recorder?.start(emit, listener.onPower);
    for (let block = 0; block < blocks; block++) {
      const rule = {
        ...blockRule(protocol, block, inferences),
        ...(block === 0 && idleMs > 0 && { idleBeforeMs: idleMs }),
        ...(block === blocks - 1 && idleMs > 0 && { idleAfterMs: idleMs }),
      };
      const live = new LiveBuckets();
      const rows = { 'warm-up': new Batch('latency_ms'), latency: new Batch('latency_ms'), ticks: new Batch('ticks') };
      const done = (part: number): number => ((block + part) / blocks) * share;
      const take =
        (kind: keyof typeof rows) =>
        (values: Float64Array): void => {
          for (const full of rows[kind].add(values)) emit(kind, block, full);
        };
      const measuring = (part: number): void =>
        listener.onProgress({ phase: 'measuring', block, blocks, fraction: done(part), buckets: live.take() });
      let telling = false;
      let spentMs = 0;
      const result = await driver.block(
        subject,
        warmUp,
        rule,
        {
          onPhase: (phase) => listener.onProgress({ phase, block, blocks, fraction: done(0) }),
          onSent: (fetchedBytes, totalBytes) =>
            listener.onProgress({ phase: 'loading', block, blocks, fraction: done(0), fetchedBytes, totalBytes }),
          onWarmUp: take('warm-up'),
          onLatency: (values) => {
            take('latency')(values);
            live.push(values);
            for (const ms of values) spentMs += ms;
            inferences += values.length;
            if (!telling) measuring(Math.min(1, spentMs / Math.max(1, rule.minMs)));
          },
          onTicks: take('ticks'),
          onFraction: (part) => {
            telling = true;
            measuring(part);
          },
        },
        signal,
      );
      for (const kind of ['warm-up', 'latency', 'ticks'] as const)
        for (const rest of rows[kind].rest()) emit(kind, block, rest);
      lastProcess = result.process;
      emit('process', block, column(result.process));
      if (result.memory) emit('memory', block, column(whole('memory', result.memory)));
      if (result.evidence) emit('evidence', block, column(result.evidence));
      if (result.board) emit('board', block, column(result.board));
      if (result.loop) emit('loop', block, column(result.loop));
      if (result.layers && result.layers.length > 0) emit('layer', block, columns(result.layers));
      recorder?.note(block, result.moments ?? []);
    }
  } finally {
    await recorder?.stop(blocks - 1);
  }
  if (items > 0) {
    listener.onProgress({ phase: 'evaluating', fraction: share });
    let seen = 0;
    await driver.evaluate(
      subject,
      items,
      (part) => {
        if (seen === 0 && part.planned !== undefined)
          emit('evaluation', 0, { items_total: [items], items_planned: [part.planned] });
        for (const values of slices(part)) emit('item', 0, values);
        seen += part.item.length;
        listener.onProgress({
          phase: 'evaluating',
          fraction: share + (1 - share) * Math.min(1, seen / (part.planned ?? items)),
        });
      },
      signal,
    );
  }
  // Last of all: the profiler slows every kernel down, and no measured block may be beside it.
  if (driver.profile && lastProcess && worthProfiling(protocol, lastProcess)) {
    // What it costs to find out where the time goes is never a run.
    const layers = await driver.profile(subject, signal).catch((error) => {
      if (!signal.aborted) listener.onUnprofiled?.(error);
      return [];
    });
    signal.throwIfAborted();
    for (const byte of profileParts(layers)) emit('profile', 0, { byte });
  }
  return seq;
}

/** A row with every column: what is not known is NaN. */
function whole(kind: ObservationKind, row: Readonly<Partial<Record<string, number>>>): Record<string, number> {
  return Object.fromEntries(Object.keys(observationColumns[kind]).map((name) => [name, row[name] ?? Number.NaN]));
}

/** One row of numbers as columns of one. */
function column(row: Record<string, number>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]]));
}

/** Rows of numbers as columns. */
function columns(rows: readonly LayerRow[]): Record<keyof LayerRow, number[]> {
  return {
    layer: rows.map((row) => row.layer),
    op: rows.map((row) => row.op),
    ticks: rows.map((row) => row.ticks),
    macs: rows.map((row) => row.macs),
  };
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

  constructor(private readonly name: string) {}

  *add(more: Float64Array): Generator<Record<string, Float64Array>> {
    for (const value of more) {
      this.values[this.count++] = value;
      if (this.count === batchRows) yield* this.rest();
    }
  }

  /** What is there, unless there is nothing. */
  *rest(): Generator<Record<string, Float64Array>> {
    if (this.count === 0) return;
    const out = this.values.slice(0, this.count);
    this.count = 0;
    yield { [this.name]: out };
  }
}
