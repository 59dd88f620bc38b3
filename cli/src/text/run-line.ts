import {
  type MetricId,
  type MetricValues,
  type Run,
  repetitionText,
  settingsKey,
  settingsWords,
} from '@hilltop/contracts';
import { stateText } from './status-marks.js';
import type { Style } from './style.js';
import { formatInterval } from './units.js';
import { waitingText } from './waiting-text.js';

/** A run that ended, in one line: `● int8-static on bench-pi: 1.24 ms (1.21 – 1.29), 91.3 %, clean`. */
export function runLine(run: Run, style: Style): string {
  const settings = settingsWords(run.settings).length === 0 ? '' : ` (${settingsKey(run.settings)})`;
  const results = [...resultWords(run.metrics), run.verdict?.verdict];
  const outcome =
    run.state === 'succeeded'
      ? results.filter(Boolean).join(', ')
      : run.waiting
        ? waitingText(run.waiting)
        : `${run.error?.code ?? run.state}: ${run.error?.message ?? 'no reason given'}`;
  const repetition = repetitionText(run)
    .map((text) => ` (${text})`)
    .join('');
  return `${stateText(run.state, style)}  ${run.recipe}${settings} on ${run.deviceName}: ${outcome}${repetition}`;
}

/** Latency, count of a board and quality, as far as they were measured. */
export function resultWords(metrics: MetricValues): string[] {
  const shown = (metric: MetricId): string | undefined => {
    const value = metrics[metric];
    return value && formatInterval(metric, value);
  };
  const count = (metric: 'cycles' | 'instructions'): string | undefined => {
    const value = shown(metric);
    return value && `${value} ${metric}`;
  };
  return [
    shown('latency_p50_ms'),
    count('cycles') ?? count('instructions'),
    shown('accuracy') ?? shown('agreement'),
  ].filter((words) => words !== undefined);
}
