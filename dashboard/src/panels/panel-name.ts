import type { ProtocolName } from '@hilltop/contracts';

/** Every panel. `catalogue.ts` has one row for each. */
export const panelNames = [
  'devices',
  'jobs',
  'models',
  'device-facts',
  'device-runs',
  'frontier',
  'matrix',
  'compare',
  'fleet',
  'lineage',
  'variants',
  'job-progress',
  'job-runs',
  'job-failures',
  'trace',
  'run-power',
  'run-phases',
  'run-metrics',
  'run-distribution',
  'run-verdict',
  'run-settings',
  'layers',
  'profile',
  'console',
  'memory-plan',
  'sweeps',
  'sweep-places',
  'sweep-volume',
  'sweep-trials',
  'sweep-next',
  'sweep-replay',
  'schedules',
  'nights',
  'since-good',
  'trends',
  'gate',
  'needs-you',
  'now',
  'health-history',
  'device-sensors',
  'calendar',
  'leases',
  'notes',
  'activity',
] as const;
export type PanelName = (typeof panelNames)[number];

/** What a panel is about. A panel takes what it needs and leaves the rest. */
export interface Subject {
  readonly deviceId?: string;
  readonly modelId?: string;
  readonly jobId?: string;
  readonly runId?: string;
  readonly sweepId?: string;
  readonly scheduleId?: string;
  readonly gateId?: string;
  /** Only these devices, e.g. those of a job. */
  readonly deviceIds?: readonly string[];
  /** The protocol to begin with; the address may name another. */
  readonly protocol?: ProtocolName;
}

export interface PanelProps {
  readonly subject: Subject;
}
