import * as z from 'zod';

/** What a metric is: shown on screens, used by the frontier and checked against every summary. */
export interface MetricRow {
  readonly label: string;
  readonly unit: '' | 'ms' | 'bytes' | '1/s' | 'mJ' | 'W' | '°C' | 'h' | 'kWh' | 'dB';
  /** Which way is better. `none`: recorded, never an axis. */
  readonly direction: 'min' | 'max' | 'none';
  /** Costs are drawn and normalised on a log axis, qualities on a linear one. */
  readonly scale: 'log' | 'linear';
  /** Where it comes from: decides what resampling its uncertainty needs. */
  readonly source: 'latency' | 'memory' | 'quality' | 'artifact' | 'sensor' | 'training' | 'transport';
}

/** Metric ids carry their unit; MB = 10^6 bytes, MiB = 2^20. */
export const metrics = {
  latency_p50_ms: { label: 'Latency p50', unit: 'ms', direction: 'min', scale: 'log', source: 'latency' },
  latency_p90_ms: { label: 'Latency p90', unit: 'ms', direction: 'min', scale: 'log', source: 'latency' },
  latency_p99_ms: { label: 'Latency p99', unit: 'ms', direction: 'min', scale: 'log', source: 'latency' },
  latency_mean_ms: { label: 'Latency mean', unit: 'ms', direction: 'min', scale: 'log', source: 'latency' },
  latency_p90_bound_ms: {
    label: 'Latency p90, 99 % bound',
    unit: 'ms',
    direction: 'min',
    scale: 'log',
    source: 'latency',
  },
  load_ms: { label: 'Load time', unit: 'ms', direction: 'min', scale: 'log', source: 'latency' },
  first_inference_ms: { label: 'First inference', unit: 'ms', direction: 'min', scale: 'log', source: 'latency' },
  throughput_ips: { label: 'Throughput', unit: '1/s', direction: 'max', scale: 'log', source: 'latency' },
  memory_peak_bytes: {
    label: 'Peak memory above the null model',
    unit: 'bytes',
    direction: 'min',
    scale: 'log',
    source: 'memory',
  },
  memory_process_peak_bytes: {
    label: 'Peak memory of the process',
    unit: 'bytes',
    direction: 'min',
    scale: 'log',
    source: 'memory',
  },
  memory_load_peak_bytes: {
    label: 'Peak memory while loading',
    unit: 'bytes',
    direction: 'min',
    scale: 'log',
    source: 'memory',
  },
  memory_system_bytes: {
    label: 'Peak memory taken from the system',
    unit: 'bytes',
    direction: 'min',
    scale: 'log',
    source: 'memory',
  },
  arena_bytes: { label: 'Tensor arena', unit: 'bytes', direction: 'min', scale: 'log', source: 'memory' },
  size_bytes: { label: 'Size', unit: 'bytes', direction: 'min', scale: 'log', source: 'artifact' },
  size_compressed_bytes: {
    label: 'Size, compressed',
    unit: 'bytes',
    direction: 'min',
    scale: 'log',
    source: 'artifact',
  },
  parameters: { label: 'Parameters', unit: '', direction: 'min', scale: 'log', source: 'artifact' },
  macs: { label: 'Multiply-accumulates', unit: '', direction: 'min', scale: 'log', source: 'artifact' },
  sparsity: { label: 'Weights that are zero', unit: '', direction: 'max', scale: 'linear', source: 'artifact' },
  activation_peak_bytes: {
    label: 'Peak of activations, planned',
    unit: 'bytes',
    direction: 'min',
    scale: 'log',
    source: 'artifact',
  },
  accuracy: { label: 'Accuracy', unit: '', direction: 'max', scale: 'linear', source: 'quality' },
  accuracy_top5: { label: 'Accuracy, top 5', unit: '', direction: 'max', scale: 'linear', source: 'quality' },
  f1_macro: { label: 'F1, mean of classes', unit: '', direction: 'max', scale: 'linear', source: 'quality' },
  auc: { label: 'Area under the ROC curve', unit: '', direction: 'max', scale: 'linear', source: 'quality' },
  mse: { label: 'Squared error against fp32', unit: '', direction: 'min', scale: 'log', source: 'quality' },
  sqnr_db: { label: 'Signal to noise against fp32', unit: 'dB', direction: 'max', scale: 'linear', source: 'quality' },
  agreement: { label: 'Agreement with fp32', unit: '', direction: 'max', scale: 'linear', source: 'quality' },
  energy_mj: { label: 'Energy per inference', unit: 'mJ', direction: 'min', scale: 'log', source: 'sensor' },
  energy_net_mj: { label: 'Energy above idle', unit: 'mJ', direction: 'min', scale: 'log', source: 'sensor' },
  power_idle_w: { label: 'Idle power', unit: 'W', direction: 'none', scale: 'log', source: 'sensor' },
  power_mean_w: { label: 'Mean power', unit: 'W', direction: 'min', scale: 'log', source: 'sensor' },
  temperature_max_c: { label: 'Highest temperature', unit: '°C', direction: 'min', scale: 'linear', source: 'sensor' },
  cycles: { label: 'Cycles', unit: '', direction: 'min', scale: 'log', source: 'latency' },
  instructions: { label: 'Instructions', unit: '', direction: 'min', scale: 'log', source: 'latency' },
  train_device_hours: { label: 'Training device hours', unit: 'h', direction: 'min', scale: 'log', source: 'training' },
  train_devices: { label: 'Training devices', unit: '', direction: 'min', scale: 'log', source: 'training' },
  train_energy_kwh: { label: 'Training energy', unit: 'kWh', direction: 'min', scale: 'log', source: 'training' },
  train_samples: { label: 'Training samples', unit: '', direction: 'min', scale: 'log', source: 'training' },
  transfer_bytes: {
    label: 'Bytes sent over the wire',
    unit: 'bytes',
    direction: 'none',
    scale: 'log',
    source: 'transport',
  },
} as const satisfies Record<string, MetricRow>;

export type MetricId = keyof typeof metrics;
export const metricIds = Object.keys(metrics) as MetricId[];
export const MetricId = z.enum(metricIds as [MetricId, ...MetricId[]]);

/** One measured value with its 95 % interval. `n`: what the interval was made from (processes, or items). */
export const MetricValue = z.object({
  value: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
  n: z.number().int().min(1),
  unit: z.string(),
});
export type MetricValue = z.infer<typeof MetricValue>;

/** Metric id -> value. What was not measured is absent. */
export const MetricValues = z.partialRecord(MetricId, MetricValue);
export type MetricValues = z.infer<typeof MetricValues>;

export const Objective = z.object({ metric: MetricId, direction: z.enum(['min', 'max']), unit: z.string() });
export type Objective = z.infer<typeof Objective>;

/** The metric's own direction as an objective; throws nothing: `none` metrics are refused by the request schema. */
export function objectiveOf(metric: MetricId): Objective {
  const row: MetricRow = metrics[metric];
  return { metric, direction: row.direction === 'max' ? 'max' : 'min', unit: row.unit };
}
