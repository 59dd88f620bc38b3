import { observationColumns } from '@hilltop/contracts';
import type { EvidenceRow } from './child-wire.js';

/** A row as observations have it: every column of `evidence`, NaN where the kernel told nothing. */
export const evidenceColumns = (row: EvidenceRow): Record<string, number> =>
  Object.fromEntries(
    Object.keys(observationColumns.evidence).map((name) => [name, row[name as keyof EvidenceRow] ?? Number.NaN]),
  );
