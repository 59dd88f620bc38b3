import { type BenchResult, type Figure, holds } from './bench.js';

const number = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));

export const formatted = ({ value, unit }: Pick<Figure, 'value' | 'unit'>): string => `${number(value)} ${unit}`.trim();

function row(figure: Figure): string[] {
  const interval =
    figure.low !== undefined && figure.high !== undefined ? `${number(figure.low)} .. ${number(figure.high)}` : '';
  const bound = figure.bound
    ? `${figure.bound.op} ${number(figure.bound.value)}${holds(figure) ? '' : '  MISSED'}`
    : '';
  return [figure.what, formatted(figure), interval, figure.n === undefined ? '' : String(figure.n), bound];
}

/** What a figure was measured on; it means little without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly loadAverage: readonly number[];
}

/** A result as it is kept. */
export interface BenchRecord extends BenchResult {
  readonly name: string;
  readonly title: string;
  readonly command: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly loadAverageAfter: readonly number[];
}

/** A result as a table for people. */
export function printed(record: BenchRecord): string {
  const rows = [['figure', 'value', '95 % interval', 'n', 'bound'], ...record.figures.map(row)];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((r) => r[c]!.length)));
  const table = rows.map((r) =>
    r
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join('  ')
      .trimEnd(),
  );
  const { cpu, cores, loadAverage } = record.machine;
  return [
    `${record.title}: ${record.outcome}`,
    ...table.map((line) => `  ${line}`),
    ...record.notes.map((note) => `  ${note}`),
    `  ${record.command}`,
    `  ${record.startedAt}, ${cpu}, ${cores} cores, load ${loadAverage[0]!.toFixed(2)} before and ${record.loadAverageAfter[0]!.toFixed(2)} after`,
    '',
  ].join('\n');
}
