import { csvCell, decodeColumn, type ExportedKind, type ExportFormat, observationColumns } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { readSegments, type Segment } from '../runs/observation-store.js';

export interface ExportObservationsInput {
  readonly attempt: number;
  /** Of one kind, in the order of `seq`. */
  readonly segments: readonly Segment[];
  /** Compressed blobs that the segments lie in, by SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly kind: ExportedKind;
  readonly format: ExportFormat;
}

export const exportObservationsTask: Task<ExportObservationsInput, Uint8Array> = { name: 'export-observations' };

export const observationHeading = (kind: ExportedKind): string =>
  `${['run', 'attempt', 'block', ...Object.keys(observationColumns[kind])].join(',')}\r\n`;

/**
 * Batches as UTF-8 text, a row a line: CSV without its heading, or JSON objects (with `json` each followed by a comma but the last).
 * What is not known is an empty field, or absent.
 */
export function exportObservationsWork({
  attempt,
  segments,
  blobs,
  kind,
  format,
}: ExportObservationsInput): Uint8Array {
  const names = Object.keys(observationColumns[kind]);
  const lines: string[] = [];
  for (const batch of readSegments(segments, blobs)) {
    const columns = names.map((name) => decodeColumn(batch, name));
    const { runId: run, block } = batch;
    for (let i = 0; i < batch.rows; i++) {
      const values = columns.map((column) => (Number.isFinite(column[i]) ? column[i] : undefined));
      lines.push(
        format === 'csv'
          ? [run, attempt, block, ...values].map(csvCell).join(',')
          : JSON.stringify({ run, attempt, block, ...Object.fromEntries(names.map((name, c) => [name, values[c]])) }),
      );
    }
  }
  if (lines.length === 0) return new Uint8Array();
  const text =
    format === 'csv' ? `${lines.join('\r\n')}\r\n` : format === 'json' ? lines.join(',\n') : `${lines.join('\n')}\n`;
  return new TextEncoder().encode(text);
}
