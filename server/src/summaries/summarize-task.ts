import type { MetricValues, Protocol, Sensor, TicksKind } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { readSegments, type Segment } from '../runs/observation-store.js';
import { type Summarized, summarize } from './summarize.js';

export interface SummarizeTaskInput {
  readonly segments: readonly Segment[];
  /** Compressed blobs that the segments lie in, by SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly protocol: Protocol;
  readonly deviceType: string;
  readonly artifactMetrics: MetricValues;
  readonly transferBytes?: number;
  readonly labelled: boolean;
  /** fp32's class by item on this device; `self` when this is fp32. */
  readonly reference?: Int32Array | 'self';
  readonly sensors?: readonly Sensor[];
  /** Items of one inference; absent: one. */
  readonly batch?: number;
  /** A microcontroller, and what its ticks are. */
  readonly board?: { readonly ticks?: TicksKind };
}

export const summarizeTask: Task<SummarizeTaskInput, Summarized> = { name: 'summarize' };

/** Raw observations -> metrics, verdict, basis. Throws the codes of `summarize`. */
export function summarizeWork(input: SummarizeTaskInput): Summarized {
  const { segments, blobs, reference, ...rest } = input;
  const batches = readSegments(segments, blobs);
  const own = reference === 'self' ? summarize({ ...rest, batches }).predicted : reference;
  return summarize({ ...rest, batches, ...(own && { reference: own }) });
}
