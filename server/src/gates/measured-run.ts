import type {
  MetricId,
  MetricRow,
  MetricValues,
  ProtocolName,
  RunSettings,
  SummaryBasis,
  Verdict,
} from '@hilltop/contracts';
import { metrics as metricTable, settingsKey } from '@hilltop/contracts';
import { betweenRunDeviation } from '../summaries/between-runs.js';

/** A run of a sweep as a gate sees it. */
export interface MeasuredRun {
  readonly id: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly recipe: string;
  readonly settings: RunSettings;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly protocol: ProtocolName;
  /** Only runs of equal keys are compared: protocol, scenario, device type, sensor scope. */
  readonly key: string;
  readonly evaluationSha256?: string;
  readonly artifactSha256?: string;
  readonly verdict: Verdict['verdict'];
  /** Measured as the sweep's control. */
  readonly control: boolean;
  readonly metrics: MetricValues;
  readonly basis: SummaryBasis;
}

/** Same model, recipe, settings and device. */
export const pointKey = ({ modelId, recipe, settings, deviceId }: Omit<MeasuredRun, 'control'>): string =>
  `${modelId} ${recipe} ${settingsKey(settings)} ${deviceId}`;

/** Where the environment is one. */
export const placeKey = ({ modelId, deviceId }: Pick<MeasuredRun, 'modelId' | 'deviceId'>): string =>
  `${modelId} ${deviceId}`;

/** Runs by a key, in the order in which they come. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** A run's positive values of a metric, one a process. */
export const processValues = ({ basis }: MeasuredRun, metric: MetricId): number[] =>
  basis.blocks.map(({ values }) => values[metric]).filter((value): value is number => value !== undefined && value > 0);

/** What runs of this kind differ by beyond their processes; 0 where only counting is done. */
export const betweenRunsOf = ({ basis }: MeasuredRun): number => basis.betweenRuns ?? betweenRunDeviation;

/** Whether a run counts for a metric: what disturbs a run changes its times, not its answers, nor the size of its artifact. */
export function countsFor({ verdict }: MeasuredRun, metric: MetricId): boolean {
  const { source }: MetricRow = metricTable[metric];
  return source === 'quality' || source === 'artifact' || source === 'training'
    ? verdict !== 'invalid'
    : verdict === 'clean';
}

/** Whether the environment shows in a metric of this run, so that it means little without a control. */
export function needsControl(run: MeasuredRun, metric: MetricId): boolean {
  const { source }: MetricRow = metricTable[metric];
  return (source === 'latency' || source === 'sensor') && betweenRunsOf(run) > 0;
}
