import { type ObservationKind, type Observations } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { observationColumnsOf, observationCsv } from './observation-columns.js';
import { readSegments, type Segment } from './observation-store.js';

export interface ObservationsTaskInput {
  readonly segments: readonly Segment[];
  /** Compressed blobs that the segments lie in, by SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly kind: ObservationKind;
  /** `text`: bytes that are text already. */
  readonly format: 'json' | 'csv' | 'text';
}

export const observationsTask: Task<ObservationsTaskInput & { format: 'json' | 'csv' }, Uint8Array> = {
  name: 'observations',
};
export const consoleTextTask: Task<ObservationsTaskInput & { kind: 'console'; format: 'text' }, string> = {
  name: 'observations',
};

/** Raw observations -> the UTF-8 text that is asked for. A run may have millions: not for the event loop. */
export function observationsWork({ segments, blobs, kind, format }: ObservationsTaskInput): Uint8Array | string {
  const batches = readSegments(segments, blobs);
  if (format === 'text') return textOf(batches);
  const columns = observationColumnsOf(kind, batches);
  return new TextEncoder().encode(format === 'csv' ? observationCsv(columns) : JSON.stringify(columns));
}

/** What a board printed need not be UTF-8 throughout. */
const textOf = (batches: readonly Observations[]): string =>
  new TextDecoder().decode(Buffer.concat(batches.map((batch) => batch.columns['byte'] ?? new Uint8Array())));
