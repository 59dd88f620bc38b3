import {
  type Device,
  type DeviceFrontier,
  type FrontierPoint,
  type MetricId,
  type MetricValue,
  type Run,
  settingsKey,
  type Variant,
} from '@hilltop/contracts';
import { pointLabel } from '../frontier/point.js';

export interface MatrixCell {
  readonly kind: 'value' | 'running' | 'failed' | 'none';
  readonly value?: MetricValue;
  readonly status?: FrontierPoint['status'];
  readonly runId?: string;
  /** Why a run failed. */
  readonly text?: string;
}

export interface MatrixRow {
  readonly key: string;
  readonly label: string;
  readonly cells: readonly MatrixCell[];
}

export interface Matrix {
  readonly devices: readonly Pick<Device, 'id' | 'name' | 'emulated'>[];
  readonly rows: readonly MatrixRow[];
}

export interface MatrixInput {
  readonly variants: readonly Variant[];
  readonly frontiers: readonly DeviceFrontier[];
  readonly runs: readonly Run[];
  readonly metric: MetricId;
  readonly deviceNames: ReadonlyMap<string, Pick<Device, 'id' | 'name' | 'emulated'>>;
}

/** Variants x devices for one metric; a cell says what was measured, what runs, what failed, or that nobody asked. */
export function matrixOf({ variants, frontiers, runs, metric, deviceNames }: MatrixInput): Matrix {
  const ids = new Set([...frontiers.map((f) => f.device.id), ...runs.map((r) => r.deviceId)]);
  const devices = [...ids]
    .flatMap((id) => {
      const device = deviceNames.get(id) ?? frontiers.find((f) => f.device.id === id)?.device;
      return device ? [{ id, name: device.name, emulated: device.emulated }] : [];
    })
    .sort(
      (a, b) => Number(a.emulated) - Number(b.emulated) || a.name.localeCompare(b.name, undefined, { numeric: true }),
    );
  const rows = new Map<string, { label: string; variant: string; settings: FrontierPoint['settings'] }>();
  const newest = new Map<string, Run>();
  for (const run of [...runs].sort((a, b) => a.queuedAt.localeCompare(b.queuedAt))) {
    const key = `${run.variantId}|${settingsKey(run.settings)}`;
    rows.set(key, { label: pointLabel(run), variant: run.variantId, settings: run.settings });
    newest.set(`${key}|${run.deviceId}`, run);
  }
  for (const variant of variants) {
    if ([...rows.values()].some((row) => row.variant === variant.id)) continue;
    rows.set(variant.id, { label: variant.recipe, variant: variant.id, settings: { threads: 1, graphLevel: 'all' } });
  }
  const isBase = (label: string): number => (label.startsWith('fp32') ? 0 : 1);
  return {
    devices,
    rows: [...rows]
      .map(([key, row]) => ({
        key,
        label: row.label,
        cells: devices.map((device) => {
          const points = frontiers.find((f) => f.device.id === device.id)?.points ?? [];
          const point = points.find(
            (p) => p.variant === row.variant && settingsKey(p.settings) === settingsKey(row.settings),
          );
          return cellOf(point, newest.get(`${key}|${device.id}`), metric);
        }),
      }))
      .sort(
        (a, b) => isBase(a.label) - isBase(b.label) || a.label.localeCompare(b.label, undefined, { numeric: true }),
      ),
  };
}

function cellOf(point: FrontierPoint | undefined, run: Run | undefined, metric: MetricId): MatrixCell {
  const value = point?.metrics[metric];
  if (point && value)
    return { kind: 'value', value, status: point.status, ...(point.runs[0] && { runId: point.runs[0] }) };
  if (!run) return { kind: 'none' };
  if (run.state === 'failed') return { kind: 'failed', runId: run.id, text: run.error?.message ?? 'failed' };
  if (run.state === 'cancelled') return { kind: 'none', runId: run.id };
  const own = run.metrics[metric];
  if (run.state === 'succeeded')
    return own ? { kind: 'value', value: own, runId: run.id } : { kind: 'none', runId: run.id };
  return { kind: 'running', runId: run.id, text: run.state };
}
