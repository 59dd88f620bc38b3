import {
  type Against,
  formatNumber,
  type Guide,
  type GuideEntry,
  type MetricId,
  type MetricRow,
  metrics as metricTable,
  techniqueNames,
} from '@hilltop/contracts';
import { metricWord, signed } from '../reports/words.js';

/** `pruning + quantization` */
export const techniqueText = ({ techniques }: Pick<GuideEntry, 'techniques'>): string =>
  techniques.map((technique) => techniqueNames[technique]).join(' + ');

const decimals = (against: Against): number =>
  against.low !== undefined && against.high !== undefined && 100 * (against.high - against.low) < 0.2 ? 2 : 1;

/** `0.42×`, `−0.4`: a ratio to fp32, or points of a quality. */
export const againstText = (against: Against): string =>
  against.scale === 'ratio' ? `${formatNumber(against.change)}×` : signed(100 * against.change, decimals(against));

/** `0.41 to 0.43`; undefined where nothing is uncertain. */
export function againstRange(against: Against): string | undefined {
  const { scale, low, high } = against;
  if (low === undefined || high === undefined) return undefined;
  return scale === 'ratio'
    ? `${formatNumber(low)} to ${formatNumber(high)}`
    : `${signed(100 * low, decimals(against))} to ${signed(100 * high, decimals(against))}`;
}

/** Whether an interval says that there is a difference at all. */
const isSure = ({ scale, low, high, change }: Against): boolean => {
  const still = scale === 'ratio' ? 1 : 0;
  return (low ?? change) > still || (high ?? change) < still;
};

const words: Partial<Record<MetricId, readonly [better: string, worse: string]>> = {
  latency_p50_ms: ['times faster', 'times slower'],
  size_bytes: ['times smaller', 'times larger'],
  memory_peak_bytes: ['times less memory', 'times more memory'],
  arena_bytes: ['times less memory', 'times more memory'],
  energy_mj: ['times less energy', 'times more energy'],
};

/** `2.4 times faster, 3.8 times smaller; accuracy 0.2 points lower`: only what the intervals bear out. */
export function boughtText(
  { against }: Pick<GuideEntry, 'against'>,
  { metrics, model }: Pick<Guide, 'metrics' | 'model'>,
): string {
  const parts = metrics.flatMap((metric) => {
    const one = against[metric];
    const [better, worse] = words[metric] ?? [];
    if (!one || !better || !worse || !isSure(one) || one.change <= 0) return [];
    const times = one.change < 1 ? 1 / one.change : one.change;
    // Hundredths of a size are nobody's reason.
    return times < 1.03 ? [] : [`${formatNumber(times, 2)} ${one.change < 1 ? better : worse}`];
  });
  const gained = parts.length > 0 ? parts.join(', ') : 'nothing that the intervals bear out';
  const quality = model.quality === undefined ? undefined : against[model.quality];
  const doubt = Object.values(against).some(({ disturbed }) => disturbed) ? ' (while disturbed)' : '';
  return `${gained}${doubt}${qualityText(quality, model.quality)}`;
}

/** `; accuracy 0.2 points worse` */
function qualityText(quality: Against | undefined, metric: MetricId | undefined): string {
  if (!quality || metric === undefined) return '';
  const word = metricWord(metric);
  if (!isSure(quality)) return `; ${word} no different as far as can be told`;
  const points = Math.abs(100 * quality.change).toFixed(decimals(quality));
  const isBetter = quality.change > 0 === ((metricTable[metric] as MetricRow).direction === 'max');
  return `; ${word} ${points} points ${isBetter ? 'better' : 'worse'}`;
}

const rank = { on: 0, uncertain: 1, dominated: 2 } as const;

/** Of each kind of technique the entry that did best on a device: clean before disturbed, on the frontier before others, then by the first metric. */
export function bestOfEach(entries: readonly GuideEntry[], metrics: readonly MetricId[]): GuideEntry[] {
  const first = metrics.find((metric) => entries.some(({ against }) => against[metric]));
  const cost = ({ against }: GuideEntry): number => (first && against[first]?.change) ?? Number.POSITIVE_INFINITY;
  const best = new Map<string, GuideEntry>();
  for (const entry of [...entries].sort(
    (a, b) =>
      Number(a.verdict !== 'clean') - Number(b.verdict !== 'clean') ||
      rank[a.status] - rank[b.status] ||
      cost(a) - cost(b),
  )) {
    const kind = techniqueText(entry);
    if (entry.recipe === 'fp32' || entry.verdict === 'invalid' || Object.keys(entry.against).length === 0) continue;
    if (!best.has(kind)) best.set(kind, entry);
  }
  return [...best.values()];
}

export const wishNames: Partial<Record<MetricId, string>> = {
  latency_p50_ms: 'Fastest',
  size_bytes: 'Smallest',
  memory_peak_bytes: 'Least memory',
  arena_bytes: 'Least memory',
  energy_mj: 'Least energy',
};
