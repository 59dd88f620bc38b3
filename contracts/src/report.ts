import * as z from 'zod';
import { DeviceKind, Floor } from './device.js';
import { DeviceFrontier } from './frontier.js';
import { Gate } from './gate.js';
import { Objective } from './metrics.js';
import { Id, Instant, Name } from './names.js';
import { ProtocolName } from './protocol.js';
import { Sweep, Trial } from './sweep.js';

export const reportFormats = ['html', 'markdown', 'junit', 'json'] as const;
export const ReportFormat = z.enum(reportFormats);
export type ReportFormat = z.infer<typeof ReportFormat>;

export const ReportQuery = z.object({
  format: ReportFormat.default('json'),
  /** Id of a gate of this sweep; absent: its newest, where it has one. */
  gate: z.string().min(1).max(100).optional(),
});
export type ReportQuery = z.infer<typeof ReportQuery>;
export const GateReportQuery = ReportQuery.pick({ format: true });
export type GateReportQuery = z.infer<typeof GateReportQuery>;

/** Under what a device measured: everything its runs say of it. */
export const ReportDevice = z.object({
  id: Id,
  name: Name,
  type: z.string(),
  kind: DeviceKind,
  emulated: z.boolean(),
  cpu: z.string().optional(),
  os: z.string().optional(),
  /** `onnxruntime 1.27.0, cpu` ...: each that a run names. More than one says that something changed in between. */
  runtimes: z.array(z.string()),
  agents: z.array(z.string()),
  kernels: z.array(z.string()),
  powerModes: z.array(z.string()),
  /** What was set for a run and taken back after it. */
  prepared: z.array(z.string()),
  /** The harness's own, from the newest run that has it. */
  floor: Floor.optional(),
  /** Attempts that ended, by what became of them. */
  runs: z.object({
    clean: z.number().int(),
    disturbed: z.number().int(),
    invalid: z.number().int(),
    failed: z.number().int(),
  }),
  /** Signals of the evidence that spoke against runs, most frequent first. */
  disturbedBy: z.array(z.object({ signal: z.string(), runs: z.number().int() })),
});
export type ReportDevice = z.infer<typeof ReportDevice>;

/** A model's frontier on one device, of this sweep's runs alone. */
export const ReportFrontier = z.object({
  modelId: Id,
  modelName: Name,
  protocol: ProtocolName,
  objectives: z.array(Objective).min(2).max(3),
  constraints: z.array(z.string()),
  frontier: DeviceFrontier,
  /** The same of the baseline's sweep, where the report has a gate. */
  before: DeviceFrontier.optional(),
});
export type ReportFrontier = z.infer<typeof ReportFrontier>;

/** Everything a report says, as values: what the other formats are made from. */
export const Report = z.object({
  title: z.string(),
  lab: z.object({ id: z.string(), version: z.string() }),
  createdAt: Instant,
  /** Absent in the report of a gate whose sweep is gone. */
  sweep: Sweep.optional(),
  gate: Gate.optional(),
  frontiers: z.array(ReportFrontier),
  /** In order of proposal. */
  trials: z.array(Trial),
  /** Trials beyond the first that are listed. */
  trialsLeftOut: z.number().int().min(0),
  devices: z.array(ReportDevice),
});
export type Report = z.infer<typeof Report>;
