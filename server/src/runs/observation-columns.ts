import {
  csvCell,
  decodeColumn,
  decodeProfile,
  type ObservationKind,
  type Observations,
  observationColumns,
  profileColumns,
} from '@hilltop/contracts';

/** All rows of one kind, in the order they were made; `block`: to which process each row belongs. NaN is absent: null. Of a profile: its layers. */
export interface ObservationColumns {
  readonly kind: ObservationKind;
  readonly rows: number;
  readonly columns: Record<string, Array<number | string | null>>;
}

export function observationColumnsOf(kind: ObservationKind, batches: readonly Observations[]): ObservationColumns {
  if (kind === 'profile') {
    const bytes = Buffer.concat(batches.map((batch) => batch.columns['byte'] ?? new Uint8Array()));
    return { kind, ...profileColumns(decodeProfile(bytes)) };
  }
  const names = Object.keys(observationColumns[kind]);
  const columns: Record<string, Array<number | null>> = Object.fromEntries(
    ['block', ...names].map((name) => [name, []]),
  );
  let rows = 0;
  for (const batch of batches) {
    rows += batch.rows;
    for (let i = 0; i < batch.rows; i++) columns['block']!.push(batch.block);
    for (const name of names)
      for (const value of decodeColumn(batch, name)) columns[name]!.push(Number.isFinite(value) ? value : null);
  }
  return { kind, rows, columns };
}

/** The same as CSV with a header line; an absent value is an empty field. */
export function observationCsv({ columns, rows }: ObservationColumns): string {
  const names = Object.keys(columns);
  const lines = [names.join(',')];
  for (let i = 0; i < rows; i++) lines.push(names.map((name) => csvCell(columns[name]![i] ?? undefined)).join(','));
  return `${lines.join('\n')}\n`;
}
