import { csvCell, type ExportedRun, metricIds } from '@hilltop/contracts';

type Cell = string | number | undefined;

/** Column -> its cell. Times are UTC; a time that is a length has its unit in the name, as every metric has. */
const columns: Readonly<Record<string, (run: ExportedRun) => Cell>> = {
  run: ({ id }) => id,
  job: ({ jobId }) => jobId,
  model: ({ modelName }) => modelName,
  model_id: ({ modelId }) => modelId,
  recipe: ({ recipe }) => recipe,
  variant: ({ variantId }) => variantId,
  device: ({ deviceName }) => deviceName,
  device_id: ({ deviceId }) => deviceId,
  emulated: ({ emulated }) => String(emulated),
  protocol: ({ protocol }) => protocol.name,
  threads: ({ settings }) => settings.threads,
  graph_level: ({ settings }) => settings.graphLevel,
  runtime: ({ settings, environment }) => environment?.runtime.name ?? settings.runtime,
  runtime_version: ({ environment }) => environment?.runtime.version,
  provider: ({ settings, environment }) => environment?.runtime.provider ?? settings.provider,
  precision: ({ settings }) => settings.precision,
  batch: ({ settings }) => settings.batch,
  power_mode: ({ settings, environment }) => settings.powerMode ?? environment?.governor,
  artifact_sha256: ({ artifact }) => artifact?.sha256,
  artifact_bytes: ({ artifact }) => artifact?.bytes,
  state: ({ state }) => state,
  attempt: ({ attempt }) => attempt,
  verdict: ({ verdict }) => verdict?.verdict,
  verdict_reasons: ({ verdict }) => verdict?.reasons.join('; '),
  repeat_of: ({ repeatOf }) => repeatOf,
  error_code: ({ error }) => error?.code,
  error_message: ({ error }) => error?.message,
  error_cause: ({ error }) => error?.cause,
  agent_version: ({ environment }) => environment?.agentVersion,
  kernel: ({ environment }) => environment?.kernel,
  energy_scope: ({ energy }) => energy?.scope,
  floor_latency_p50_ms: ({ floor }) => floor?.latencyP50Ms,
  queued_at: ({ queuedAt }) => queuedAt,
  started_at: ({ startedAt }) => startedAt,
  ended_at: ({ endedAt }) => endedAt,
  queue_wait_s: ({ queuedAt, claimedAt }) => secondsBetween(queuedAt, claimedAt),
  run_time_s: ({ claimedAt, endedAt }) => secondsBetween(claimedAt, endedAt),
  ...Object.fromEntries(
    metricIds.flatMap((metric) => [
      [metric, ({ metrics }: ExportedRun) => metrics[metric]?.value],
      [`${metric}_low`, ({ metrics }: ExportedRun) => metrics[metric]?.low],
      [`${metric}_high`, ({ metrics }: ExportedRun) => metrics[metric]?.high],
      [`${metric}_n`, ({ metrics }: ExportedRun) => metrics[metric]?.n],
    ]),
  ),
};

const secondsBetween = (from: string | undefined, to: string | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : (Date.parse(to) - Date.parse(from)) / 1000;

const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** The same columns whatever is exported, so that files of different days fit together. */
export const runCsvHeading = (): string => csvLine(Object.keys(columns));

export const runCsvLine = (run: ExportedRun): string => csvLine(Object.values(columns).map((cell) => cell(run)));
