import { type MetricId, metrics, type PairedComparison, type Screening, type Variant } from '@hilltop/contracts';
import { formatInterval, formatMetric } from '../../format/number.js';

/** Metrics of screening that the table shows. */
export type ScreeningMetric = Extract<MetricId, 'accuracy' | 'agreement' | 'sqnr_db'>;

/** Never to be taken for what runs report: the title says which data it is. */
export const screeningTitle = (metric: MetricId): string => `${metrics[metric].label}, validation`;

/** `0.912 ± 0.012`; the distance to fp32 in dB only where no class is named. */
export function screeningText(metric: ScreeningMetric, screening: Screening | undefined): string {
  const value = screening?.metrics[metric];
  if (!value || (metric === 'sqnr_db' && screening.metrics.agreement)) return '';
  return formatInterval(metric, value);
}

/** `−0.4 [−1.4, +0.6] points`: accuracy of the variant minus the model's, in percentage points. */
export function differenceText(comparison: PairedComparison | undefined): string {
  if (!comparison) return '';
  const { value, low, high } = comparison.difference;
  return `${points(value)} [${points(low)}, ${points(high)}]\u00a0points`;
}

/** What the paired test says, in words. */
export function comparisonText({ onlyModel, onlyVariant, pValue }: PairedComparison): string {
  const p = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  return `Only the model is right on ${onlyModel} items, only the variant on ${onlyVariant} (McNemar ${p})`;
}

function points(share: number): string {
  const text = Math.abs(share * 100).toFixed(1);
  return text === '0.0' ? text : `${share > 0 ? '+' : '−'}${text}`;
}

/** `3.50 h, 2 devices, 60.0 k items`: what training cost, as stated; '' where nothing was. */
export function trainingText({ metrics: values }: Pick<Variant, 'metrics'>): string {
  const [hours, energy] = (['train_device_hours', 'train_energy_kwh'] as const).map(
    (id) => values[id] && formatMetric(id, values[id].value),
  );
  const counts = (
    [
      ['train_devices', 'device'],
      ['train_samples', 'item'],
    ] as const
  ).map(([id, noun]) => values[id] && countText(id, values[id].value, noun));
  return [hours, energy, ...counts].filter((part) => part !== undefined).join(', ');
}

const countText = (metric: MetricId, n: number, noun: string): string =>
  `${n < 1000 ? n : formatMetric(metric, n)}\u00a0${noun}${n === 1 ? '' : 's'}`;

/** What a person should know beside the state: an error, a broken promise, why there are no figures. */
export function remarkOf({
  error,
  screening,
  steps,
}: Pick<Variant, 'error' | 'screening' | 'steps'>): string | undefined {
  if (error) return error.message;
  if (screening?.belowFloor)
    return `Below the recipe's floor: ${screening.belowFloor.map((metric) => metrics[metric].label.toLowerCase()).join(', ')}`;
  return steps.find((step) => step.pass === 'screening')?.notes[0];
}

/** 0 to 1 of a build; its last step may still be under way. */
export function buildShare({ progress }: Pick<Variant, 'progress'>): number | undefined {
  if (!progress || progress.total === 0) return undefined;
  return Math.min(1, (progress.done + (progress.fraction ?? 0)) / progress.total);
}
