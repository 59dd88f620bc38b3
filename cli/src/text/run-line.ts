import { type MetricId, type Run, repetitionText, settingsKey, settingsWords } from '@hilltop/contracts';
import { stateText } from './status-marks.js';
import type { Style } from './style.js';
import { formatInterval } from './units.js';

/** A run that ended, in one line: `● int8-static on bench-pi: 1.24 ms (1.21 – 1.29), 91.3 %, clean`. */
export function runLine(run: Run, style: Style): string {
  const shown = (metric: MetricId): string | undefined => {
    const value = run.metrics[metric];
    return value && formatInterval(metric, value);
  };
  const settings = settingsWords(run.settings).length === 0 ? '' : ` (${settingsKey(run.settings)})`;
  const count = (metric: 'cycles' | 'instructions'): string | undefined => {
    const value = shown(metric);
    return value && `${value} ${metric}`;
  };
  const results = [
    shown('latency_p50_ms'),
    count('cycles') ?? count('instructions'),
    shown('accuracy') ?? shown('agreement'),
    run.verdict?.verdict,
  ];
  const outcome =
    run.state === 'succeeded'
      ? results.filter(Boolean).join(', ')
      : `${run.error?.code ?? run.state}: ${run.error?.message ?? 'no reason given'}`;
  const repetition = repetitionText(run)
    .map((text) => ` (${text})`)
    .join('');
  return `${stateText(run.state, style)}  ${run.recipe}${settings} on ${run.deviceName}: ${outcome}${repetition}`;
}
