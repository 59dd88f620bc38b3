import type { ObservationKind } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { observationColumnsOf, observationCsv } from './observation-columns.js';
import { readSegments, type Segment } from './observation-store.js';

export interface ObservationsTaskInput {
  readonly segments: readonly Segment[];
  /** Compressed blobs that the segments lie in, by SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly kind: ObservationKind;
  readonly format: 'json' | 'csv';
}

export const observationsTask: Task<ObservationsTaskInput, Uint8Array> = { name: 'observations' };

/** Raw observations -> the UTF-8 text that is asked for. A run may have millions: not for the event loop. */
export function observationsWork({ segments, blobs, kind, format }: ObservationsTaskInput): Uint8Array {
  const columns = observationColumnsOf(kind, readSegments(segments, blobs));
  return new TextEncoder().encode(format === 'csv' ? observationCsv(columns) : JSON.stringify(columns));
}
