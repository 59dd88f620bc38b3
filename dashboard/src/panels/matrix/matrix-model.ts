import {
  type Device,
  type DeviceFrontier,
  type FrontierPoint,
  type MetricId,
  type MetricRow,
  type MetricValue,
  metrics,
  type Run,
  settingsKey,
  type Variant,
} from '@hilltop/contracts';
import { pointKey, pointLabel } from '../frontier/point.js';

export interface MatrixCell {
  readonly kind: 'value' | 'running' | 'failed' | 'refused' | 'none';
  readonly value?: MetricValue;
  readonly status?: FrontierPoint['status'];
  readonly runId?: string;
  /** Why a run failed, or why nothing can run there. */
  readonly text?: string;
  readonly verdict?: FrontierPoint['verdict'];
}

export interface MatrixRow {
  /** Key of the point on every device. */
  readonly key: string;
  readonly label: string;
  readonly variant: string;
  readonly recipe: string;
  readonly settings: FrontierPoint['settings'];
  readonly cells: readonly MatrixCell[];
}

type MatrixDevice = Pick<Device, 'id' | 'name' | 'emulated'>;

export interface Matrix {
  readonly devices: readonly MatrixDevice[];
  readonly rows: readonly MatrixRow[];
}

export interface MatrixInput {
  readonly variants: readonly Variant[];
  readonly frontiers: readonly DeviceFrontier[];
  readonly runs: readonly Run[];
  readonly metric: MetricId;
  readonly deviceNames: ReadonlyMap<string, MatrixDevice & { readonly kind?: Device['kind'] }>;
  /** Name of the device whose column sorts; absent: by name of the variant, fp32 first. */
  readonly sort?: string | undefined;
}

/** Variants x devices for one metric; a cell says what was measured, what runs, what failed, or that nobody asked. */
export function matrixOf({ variants, frontiers, runs, metric, deviceNames, sort }: MatrixInput): Matrix {
  const ids = new Set([...frontiers.map((f) => f.device.id), ...runs.map((r) => r.deviceId)]);
  const devices = [...ids]
    .flatMap((id) => {
      const device = deviceNames.get(id) ?? frontiers.find((f) => f.device.id === id)?.device;
      return device ? [{ id, name: device.name, emulated: device.emulated }] : [];
    })
    .sort(
      (a, b) => Number(a.emulated) - Number(b.emulated) || a.name.localeCompare(b.name, undefined, { numeric: true }),
    );
  const rows = new Map<string, Omit<MatrixRow, 'key' | 'cells'>>();
  const byId = new Map(variants.map((variant) => [variant.id, variant]));
  const newest = new Map<string, Run>();
  for (const run of [...runs].sort((a, b) => a.queuedAt.localeCompare(b.queuedAt))) {
    const key = `${run.variantId}|${settingsKey(run.settings)}`;
    rows.set(key, { label: pointLabel(run), variant: run.variantId, recipe: run.recipe, settings: run.settings });
    newest.set(`${key}|${run.deviceId}`, run);
  }
  for (const variant of variants) {
    if ([...rows.values()].some((row) => row.variant === variant.id)) continue;
    const plain = { variant: variant.id, recipe: variant.recipe, settings: { threads: 1, graphLevel: 'all' } } as const;
    rows.set(pointKey(plain), { label: variant.recipe, ...plain });
  }
  const filled = [...rows].map(
    ([key, row]): MatrixRow => ({
      key,
      ...row,
      cells: devices.map((device) => {
        const points = frontiers.find((f) => f.device.id === device.id)?.points ?? [];
        const point = points.find((p) => pointKey(p) === key);
        const isBoard = deviceNames.get(device.id)?.kind === 'microcontroller';
        const refusal = isBoard ? byId.get(row.variant)?.planError?.message : undefined;
        return cellOf(point, newest.get(`${key}|${device.id}`), metric, refusal);
      }),
    }),
  );
  return {
    devices,
    rows: sorted(
      filled,
      devices.findIndex((device) => device.name === sort),
      metric,
    ),
  };
}

/** By name, fp32 first; or by a column, the best on top, what has no value last. */
function sorted(rows: MatrixRow[], column: number, metric: MetricId): MatrixRow[] {
  const isBase = (row: MatrixRow): number => (row.recipe === 'fp32' ? 0 : 1);
  const byName = (a: MatrixRow, b: MatrixRow): number =>
    isBase(a) - isBase(b) || a.label.localeCompare(b.label, undefined, { numeric: true });
  const { direction }: MetricRow = metrics[metric];
  const cost = (row: MatrixRow): number => {
    const value = row.cells[column]?.value?.value;
    return value === undefined ? Number.POSITIVE_INFINITY : direction === 'max' ? -value : value;
  };
  return rows.sort((a, b) => {
    if (column < 0) return byName(a, b);
    const [first, second] = [cost(a), cost(b)];
    return first === second ? byName(a, b) : first - second;
  });
}

function cellOf(
  point: FrontierPoint | undefined,
  run: Run | undefined,
  metric: MetricId,
  refusal: string | undefined,
): MatrixCell {
  const value = point?.metrics[metric];
  if (point && value)
    return {
      kind: 'value',
      value,
      status: point.status,
      verdict: point.verdict,
      ...(point.runs[0] && { runId: point.runs[0] }),
    };
  if (!run) return refusal === undefined ? { kind: 'none' } : { kind: 'refused', text: refusal };
  if (run.state === 'failed') return { kind: 'failed', runId: run.id, text: run.error?.message ?? 'failed' };
  if (run.state === 'cancelled') return { kind: 'none', runId: run.id };
  const own = run.metrics[metric];
  if (run.state === 'succeeded')
    return own ? { kind: 'value', value: own, runId: run.id } : { kind: 'none', runId: run.id };
  return { kind: 'running', runId: run.id, text: run.state };
}
