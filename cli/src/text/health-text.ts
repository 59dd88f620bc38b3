import type { DeviceHealth, HealthCheck } from '@hilltop/contracts';
import type { Style } from './style.js';
import { fields, table } from './table.js';
import { formatAge, formatMs } from './units.js';

/** `healthy`, `slow`, `failed: run.crashed` ... */
export function checkText({ state, healthy, error }: HealthCheck): string {
  if (state === 'succeeded') return healthy === false ? 'slow' : 'healthy';
  return error ? `${state}: ${error.code}: ${error.message}` : state;
}

/** A device's health, newest checks first. */
export function healthText(health: DeviceHealth, style: Style, nowMs: number): string {
  const { quarantine, medianMs, failuresInARow, checks } = health;
  const head = fields(
    {
      device: style.bold(health.deviceName),
      quarantine:
        quarantine &&
        `${quarantine.reason} (${quarantine.by ?? 'the lab'}, ${formatAge(quarantine.since, nowMs)}); \`hilltop device return ${health.deviceName}\` puts it back`,
      'usual latency': medianMs === undefined ? undefined : formatMs(medianMs),
      'failures in a row': failuresInARow > 0 ? String(failuresInARow) : undefined,
      checks: checks.length === 0 ? `none yet: \`hilltop device check ${health.deviceName}\`` : undefined,
    },
    style,
  );
  const rows = table(
    checks,
    [
      { title: 'Checked', cell: (check) => formatAge(check.createdAt, nowMs) },
      { title: 'Result', cell: (check) => (check.healthy === false ? style.bad(checkText(check)) : checkText(check)) },
      {
        title: 'Latency',
        align: 'right',
        cell: (check) => (check.latencyMs === undefined ? undefined : formatMs(check.latencyMs)),
      },
      {
        title: 'Of usual',
        align: 'right',
        cell: ({ latencyMs, medianMs: usual }) =>
          latencyMs === undefined || usual === undefined ? undefined : `${Math.round((100 * latencyMs) / usual)} %`,
      },
      { title: 'Verdict', cell: (check) => check.verdict },
      { title: 'By', cell: (check) => check.askedBy ?? 'the lab' },
      { title: 'Job', cell: (check) => style.dim(check.jobId) },
    ],
    style,
  );
  return [head, rows].filter(Boolean).join('\n');
}
