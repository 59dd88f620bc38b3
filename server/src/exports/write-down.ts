import type { ExportFormat } from '@hilltop/contracts';

/** Text or bytes of pieces that follow each other. */
export type Piece = string | Uint8Array;

/** As what a format is sent, and its file's ending. */
export const exportTypes = {
  csv: { type: 'text/csv; charset=utf-8', extension: 'csv' },
  json: { type: 'application/json; charset=utf-8', extension: 'json' },
  ndjson: { type: 'application/x-ndjson; charset=utf-8', extension: 'ndjson' },
} as const satisfies Record<ExportFormat, { readonly type: string; readonly extension: string }>;

/**
 * Pieces of a file, one after the other: with the heading first (CSV), or as one array (JSON; a piece is one or more items with commas
 * between). Nothing is held but the piece at hand.
 */
export async function* writeDown(
  pieces: AsyncIterable<Piece>,
  { format, heading }: { readonly format: ExportFormat; readonly heading: string },
): AsyncGenerator<Piece> {
  if (format === 'csv') yield heading;
  if (format === 'json') yield '[';
  let isFirst = true;
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    if (format === 'json') yield isFirst ? '\n' : ',\n';
    isFirst = false;
    yield piece;
  }
  if (format === 'json') yield isFirst ? ']\n' : '\n]\n';
}
