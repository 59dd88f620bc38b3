import type { HealthCheck } from '@hilltop/contracts';
import { formatMetric } from '../../format/number.js';

/** A health check as a dot: shape and word first, colour second. */
export interface HealthDot {
  readonly id: string;
  readonly tone: 'ok' | 'bad' | 'busy' | 'off';
  /** What came of it and why, without its time. */
  readonly text: string;
  readonly href?: string;
  readonly at: string;
}

/** `good, 4.10 ms`, `bad: 4.90 ms, 18 % over its usual 4.10 ms`, `bad: run.crashed: ...`. */
export function checkText({ state, healthy, latencyMs, medianMs, error, verdict }: HealthCheck): string {
  const time = latencyMs === undefined ? undefined : formatMetric('latency_p50_ms', latencyMs);
  const over =
    latencyMs !== undefined && medianMs !== undefined && latencyMs > medianMs
      ? `${Math.round((latencyMs / medianMs - 1) * 100)} % over its usual ${formatMetric('latency_p50_ms', medianMs)}`
      : undefined;
  if (state === 'waiting') return 'under way';
  if (state === 'cancelled') return 'cancelled: says nothing';
  if (state === 'unsupported') return 'this device cannot run the check: says nothing';
  const parts = [
    time,
    healthy === false ? over : undefined,
    verdict && verdict !== 'clean' ? verdict : undefined,
    error && `${error.code}: ${error.message}`,
  ];
  const why = parts.filter((part) => part !== undefined).join(', ');
  return `${healthy === false ? 'bad' : healthy ? 'good' : state}${why === '' ? '' : `: ${why}`}`;
}

/** The checks from old to new, as they are read. Pure. */
export function healthDots(checks: readonly HealthCheck[]): HealthDot[] {
  return [...checks]
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
    .map((check) => ({
      id: check.id,
      tone: check.state === 'waiting' ? 'busy' : check.healthy === undefined ? 'off' : check.healthy ? 'ok' : 'bad',
      text: checkText(check),
      at: check.endedAt ?? check.createdAt,
      ...(check.runId !== undefined && { href: `/runs/${check.runId}` }),
    }));
}
