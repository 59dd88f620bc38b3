import type { Sweep } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';

/** `37 trials, 3 failed, 41 device minutes of 120`. */
export function usedText({ trials, used, file }: Sweep): string {
  const { runs, deviceMinutes, wallMinutes } = file.budget;
  const of = (limit: number | undefined): string => (limit === undefined ? '' : ` of ${formatNumber(limit)}`);
  return [
    `${trials.succeeded} trials`,
    ...(trials.failed > 0 ? [`${trials.failed} failed`] : []),
    `${used.runs}${runs === undefined ? '' : ` of ${runs}`} runs`,
    `${formatNumber(used.deviceMinutes)}${of(deviceMinutes)} device minutes`,
    ...(wallMinutes === undefined ? [] : [`${formatNumber(used.wallMinutes)}${of(wallMinutes)} minutes in all`]),
  ].join(', ');
}

/** ` · hypervolume 0.81`, the range where there are several places; nothing before the first. */
export function volumeText({ places }: Pick<Sweep, 'places'>): string {
  const volumes = places.flatMap(({ hypervolume }) => hypervolume ?? []);
  if (volumes.length === 0) return '';
  const [low, high] = [Math.min(...volumes), Math.max(...volumes)];
  return ` · hypervolume ${formatNumber(low)}${high > low ? ` to ${formatNumber(high)}` : ''}`;
}
