import { displayWidth, pad } from './display-width.js';
import { plain, type Style } from './style.js';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string | undefined;
}

/**
 * Aligned columns with a heading, two blanks between. A column in which no row has anything is left out.
 * Ends with a newline; '' without rows.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], style: Style = plain): string {
  if (rows.length === 0) return '';
  const shown = columns
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row) ?? '') }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = shown.map(({ column, cells }) => Math.max(displayWidth(column.title), ...cells.map(displayWidth)));
  const line = (cell: (index: number) => string): string =>
    shown
      .map(({ column }, i) => pad(cell(i), widths[i]!, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const heading = style.dim(line((i) => shown[i]!.column.title));
  return `${[heading, ...rows.map((_, row) => line((i) => shown[i]!.cells[row]!))].join('\n')}\n`;
}

/** `name  value` lines for one thing; fields without a value are left out. */
export function fields(entries: Readonly<Record<string, string | undefined>>, style: Style = plain): string {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...given.map(([name]) => displayWidth(name)));
  return given.map(([name, value]) => `${style.dim(pad(name, width, 'left'))}  ${value}\n`).join('');
}
