import * as z from 'zod';
import { MetricId, MetricValues, Objective } from './metrics.js';
import { Id, Name, Sha256 } from './names.js';
import { ProtocolName, RunSettings } from './protocol.js';
import { RecipeName } from './recipe.js';
import { SensorScope } from './sensor.js';

export const pointStatuses = ['on', 'uncertain', 'dominated'] as const;
export const PointStatus = z.enum(pointStatuses);
export type PointStatus = z.infer<typeof PointStatus>;

/** A point: variant x run settings, by the newest clean run on the device under the protocol. */
export const FrontierPoint = z.object({
  variant: Id,
  recipe: RecipeName,
  settings: RunSettings,
  artifact: z.object({ sha256: Sha256, bytes: z.number().int() }),
  runs: z.array(Id).min(1),
  verdict: z.enum(['clean', 'disturbed', 'invalid']),
  /** Disturbed so often, the last repetition that its protocol allows among them. */
  unstable: z.number().int().min(2).max(10).optional(),
  metrics: MetricValues,
  status: PointStatus,
  /** Share of at least 1,000 joint replicates in which the point is non-dominated. */
  probability: z.number().min(0).max(1),
  /** Variants that dominate it in more than half of the replicates. */
  dominatedBy: z.array(Id),
  /** False when a constraint of the request is not met: greyed, never removed. */
  feasible: z.boolean().optional(),
});
export type FrontierPoint = z.infer<typeof FrontierPoint>;

/** Shares of the joint replicates whose stairs are told: the band's edges and its middle. */
export const attainmentShares = [0.1, 0.5, 0.9] as const;

/** How sure the frontier as a whole is: the stairs that a share of the joint replicates reach (empirical attainment). */
export const Attainment = z.object({
  x: MetricId,
  y: MetricId,
  /** How many replicates. */
  draws: z.number().int().min(1),
  levels: z.array(
    z.object({
      share: z.number().min(0).max(1),
      /** Corners in the metrics' own units, best x first; at most 48. */
      stairs: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});
export type Attainment = z.infer<typeof Attainment>;

export const DeviceFrontier = z.object({
  device: z.object({ id: Id, name: Name, type: z.string(), emulated: z.boolean() }),
  /** Of all its points and theirs alone: `protocol | scenario | device type | host or board | scope of the energies`. */
  key: z.string().optional(),
  /** Normalised by fp32 and the reference point; absent until a clean fp32 run exists. */
  hypervolume: z.number().optional(),
  reference: z.array(z.number()).optional(),
  /** What its energies and powers contain: one and the same for all points; absent where none was measured. */
  energy: z.object({ scope: SensorScope, simulated: z.boolean().optional() }).optional(),
  points: z.array(FrontierPoint),
  /** Of two objectives alone. */
  attainment: Attainment.optional(),
  /** Runs left out, by reason (`disturbed`, `invalid`, `no-metric`): counted, never silently dropped. */
  excluded: z.record(z.string(), z.number().int()),
});
export type DeviceFrontier = z.infer<typeof DeviceFrontier>;

/** The fleet: each cost is the worst ratio to the device's own fp32, quality the worst. */
export const FleetPoint = z.object({
  recipe: RecipeName,
  variant: Id,
  settings: RunSettings,
  coverage: z.object({ k: z.number().int(), n: z.number().int() }),
  /** Objective metric -> worst ratio (costs) or worst value (quality). */
  values: z.record(
    z.string(),
    z.object({ value: z.number(), low: z.number().optional(), high: z.number().optional(), deviceId: Id }),
  ),
  status: PointStatus,
  probability: z.number().min(0).max(1),
  dominatedBy: z.array(Id),
});
export type FleetPoint = z.infer<typeof FleetPoint>;
export const FleetFrontier = z.object({ emulated: z.boolean(), devices: z.array(Id), points: z.array(FleetPoint) });
export type FleetFrontier = z.infer<typeof FleetFrontier>;

export const Frontier = z.object({
  model: Id,
  modelName: Name,
  protocol: ProtocolName,
  objectives: z.array(Objective).min(2).max(3),
  devices: z.array(DeviceFrontier),
  fleet: z.array(FleetFrontier).optional(),
});
export type Frontier = z.infer<typeof Frontier>;

/** `memory_peak_bytes<64MB`: metric, comparison, number with an optional unit (kB MB GB = 10^n, KiB MiB GiB = 2^n, ms, s, %). */
export const constraintPattern =
  /^([a-z0-9_]+)\s*(<=|>=|<|>)\s*([0-9]+(?:\.[0-9]+)?)\s*(kB|MB|GB|KiB|MiB|GiB|B|ms|s|%)?$/;

export interface Constraint {
  readonly metric: MetricId;
  readonly op: '<' | '<=' | '>' | '>=';
  readonly value: number;
}

/** What a unit of a constraint stands for, in the metric's own unit. */
export const constraintFactors: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  ms: 1,
  s: 1000,
  '%': 0.01,
};

/** Reads one constraint; throws a plain Error with what is expected. */
export function parseConstraint(text: string): Constraint {
  const match = constraintPattern.exec(text.trim());
  const metric = MetricId.safeParse(match?.[1]);
  if (!match || !metric.success) throw new Error(`"${text}" is not a constraint such as memory_peak_bytes<64MB`);
  return {
    metric: metric.data,
    op: match[2] as Constraint['op'],
    value: Number(match[3]) * constraintFactors[match[4] ?? '']!,
  };
}

/** Whether a point meets a constraint; a metric that was not measured does not. */
export function meets(constraint: Constraint, metrics: MetricValues): boolean {
  const value = metrics[constraint.metric]?.value;
  if (value === undefined) return false;
  switch (constraint.op) {
    case '<':
      return value < constraint.value;
    case '<=':
      return value <= constraint.value;
    case '>':
      return value > constraint.value;
    case '>=':
      return value >= constraint.value;
  }
}

export const FrontierQuery = z.object({
  /** Model id or name. */
  model: z.string().min(1).max(100),
  /** Device ids or names, comma separated; absent: every device with runs. */
  device: z.string().max(2000).optional(),
  protocol: ProtocolName.optional(),
  fleet: z.enum(['true', 'false']).optional(),
  x: MetricId.default('latency_p50_ms'),
  y: MetricId.default('accuracy'),
  z: MetricId.optional(),
  /** Constraints, comma separated. */
  where: z.string().max(500).optional(),
});
export type FrontierQuery = z.infer<typeof FrontierQuery>;
