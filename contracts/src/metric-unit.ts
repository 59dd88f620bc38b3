import { type MetricId, type MetricRow, metrics } from './metrics.js';

/** A unit to show a metric in: shown number = value / factor. */
export interface MetricUnit {
  readonly factor: number;
  readonly symbol: string;
}

const plain: MetricUnit = { factor: 1, symbol: '' };

const ladders: Partial<Record<MetricRow['unit'], readonly MetricUnit[]>> = {
  ms: [
    { factor: 1e-3, symbol: 'µs' },
    { factor: 1, symbol: 'ms' },
    { factor: 1e3, symbol: 's' },
  ],
  bytes: [
    { factor: 1, symbol: 'B' },
    { factor: 1e3, symbol: 'kB' },
    { factor: 1e6, symbol: 'MB' },
    { factor: 1e9, symbol: 'GB' },
  ],
  '1/s': [
    { factor: 1, symbol: '/s' },
    { factor: 1e3, symbol: 'k/s' },
  ],
  mJ: [
    { factor: 1e-3, symbol: 'µJ' },
    { factor: 1, symbol: 'mJ' },
    { factor: 1e3, symbol: 'J' },
  ],
  W: [
    { factor: 1e-6, symbol: 'µW' },
    { factor: 1e-3, symbol: 'mW' },
    { factor: 1, symbol: 'W' },
  ],
};

const counts: readonly MetricUnit[] = [
  plain,
  { factor: 1e3, symbol: 'k' },
  { factor: 1e6, symbol: 'M' },
  { factor: 1e9, symbol: 'G' },
];

/** The engineering unit for a metric at a magnitude (of the metric's own unit): the largest that shows >= 1. */
export function unitFor(metric: MetricId, magnitude: number): MetricUnit {
  const row: MetricRow = metrics[metric];
  const ladder = row.unit === '' ? (row.source === 'quality' ? [plain] : counts) : ladders[row.unit];
  if (!ladder) return { factor: 1, symbol: row.unit };
  const size = Math.abs(magnitude);
  return (
    ladder.findLast((unit) => size >= unit.factor) ??
    (size === 0 ? (ladder.find((u) => u.factor === 1) ?? ladder[0]!) : ladder[0]!)
  );
}
