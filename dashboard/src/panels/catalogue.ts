import { type ComponentType, lazy } from 'react';
import { JobsPanel } from './jobs/jobs-panel.js';
import { ModelsPanel } from './models/models-panel.js';
import type { PanelName, PanelProps } from './panel-name.js';

export interface PanelRow {
  readonly title: string;
  readonly view: ComponentType<PanelProps>;
}

/** The lab page's own panels come with the page, all others when they are first shown. */
export const panels = {
  devices: {
    title: 'Devices',
    view: lazy(() => import('./devices/devices-panel.js').then((m) => ({ default: m.DevicesPanel }))),
  },
  jobs: { title: 'Jobs', view: JobsPanel },
  models: { title: 'Models', view: ModelsPanel },
  'device-facts': {
    title: 'Facts',
    view: lazy(() => import('./device-facts/device-facts-panel.js').then((m) => ({ default: m.DeviceFactsPanel }))),
  },
  'device-runs': {
    title: 'Runs',
    view: lazy(() => import('./device-runs/device-runs-panel.js').then((m) => ({ default: m.DeviceRunsPanel }))),
  },
  frontier: {
    title: 'Frontier',
    view: lazy(() => import('./frontier/frontier-panel.js').then((m) => ({ default: m.FrontierPanel }))),
  },
  matrix: {
    title: 'Variants on devices',
    view: lazy(() => import('./matrix/matrix-panel.js').then((m) => ({ default: m.MatrixPanel }))),
  },
  compare: {
    title: 'Compare',
    view: lazy(() => import('./compare/compare-panel.js').then((m) => ({ default: m.ComparePanel }))),
  },
  fleet: {
    title: 'Fleet',
    view: lazy(() => import('./fleet/fleet-panel.js').then((m) => ({ default: m.FleetPanel }))),
  },
  lineage: {
    title: 'Lineage',
    view: lazy(() => import('./lineage/lineage-panel.js').then((m) => ({ default: m.LineagePanel }))),
  },
  variants: {
    title: 'Variants',
    view: lazy(() => import('./variants/variants-panel.js').then((m) => ({ default: m.VariantsPanel }))),
  },
  'job-progress': {
    title: 'Devices',
    view: lazy(() => import('./job-progress/job-progress-panel.js').then((m) => ({ default: m.JobProgressPanel }))),
  },
  'job-runs': {
    title: 'Runs',
    view: lazy(() => import('./job-runs/job-runs-panel.js').then((m) => ({ default: m.JobRunsPanel }))),
  },
  'job-failures': {
    title: 'What failed',
    view: lazy(() => import('./job-failures/job-failures-panel.js').then((m) => ({ default: m.JobFailuresPanel }))),
  },
  trace: {
    title: 'Latency, live',
    view: lazy(() => import('./trace/trace-panel.js').then((m) => ({ default: m.TracePanel }))),
  },
  'run-power': {
    title: 'Power',
    view: lazy(() => import('./run-power/run-power-panel.js').then((m) => ({ default: m.RunPowerPanel }))),
  },
  'run-phases': {
    title: 'Phases',
    view: lazy(() => import('./run-phases/run-phases-panel.js').then((m) => ({ default: m.RunPhasesPanel }))),
  },
  'run-metrics': {
    title: 'Metrics',
    view: lazy(() => import('./run-metrics/run-metrics-panel.js').then((m) => ({ default: m.RunMetricsPanel }))),
  },
  'run-distribution': {
    title: 'Distribution',
    view: lazy(() =>
      import('./run-distribution/run-distribution-panel.js').then((m) => ({ default: m.RunDistributionPanel })),
    ),
  },
  'run-verdict': {
    title: 'Verdict',
    view: lazy(() => import('./run-verdict/run-verdict-panel.js').then((m) => ({ default: m.RunVerdictPanel }))),
  },
  'run-settings': {
    title: 'Settings and versions',
    view: lazy(() => import('./run-settings/run-settings-panel.js').then((m) => ({ default: m.RunSettingsPanel }))),
  },
  layers: {
    title: 'Where the time goes',
    view: lazy(() => import('./layers/layers-panel.js').then((m) => ({ default: m.LayersPanel }))),
  },
  profile: {
    title: 'Where the time goes',
    view: lazy(() => import('./profile/profile-panel.js').then((m) => ({ default: m.ProfilePanel }))),
  },
  console: {
    title: 'Console',
    view: lazy(() => import('./console/console-panel.js').then((m) => ({ default: m.ConsolePanel }))),
  },
  'memory-plan': {
    title: 'On microcontrollers',
    view: lazy(() => import('./memory-plan/memory-plan-panel.js').then((m) => ({ default: m.MemoryPlanPanel }))),
  },
  sweeps: {
    title: 'Sweeps',
    view: lazy(() => import('./sweeps/sweeps-panel.js').then((m) => ({ default: m.SweepsPanel }))),
  },
  'sweep-places': {
    title: 'Where it searches',
    view: lazy(() => import('./sweep-places/sweep-places-panel.js').then((m) => ({ default: m.SweepPlacesPanel }))),
  },
  'sweep-volume': {
    title: 'Hypervolume',
    view: lazy(() => import('./sweep-volume/sweep-volume-panel.js').then((m) => ({ default: m.SweepVolumePanel }))),
  },
  'sweep-trials': {
    title: 'Trials',
    view: lazy(() => import('./sweep-trials/sweep-trials-panel.js').then((m) => ({ default: m.SweepTrialsPanel }))),
  },
  'sweep-next': {
    title: 'Next, and why',
    view: lazy(() => import('./sweep-next/sweep-next-panel.js').then((m) => ({ default: m.SweepNextPanel }))),
  },
  'sweep-replay': {
    title: 'How it was found',
    view: lazy(() => import('./sweep-replay/sweep-replay-panel.js').then((m) => ({ default: m.SweepReplayPanel }))),
  },
  schedules: {
    title: 'Schedules',
    view: lazy(() => import('./schedules/schedules-panel.js').then((m) => ({ default: m.SchedulesPanel }))),
  },
  nights: {
    title: 'Nights',
    view: lazy(() => import('./nights/nights-panel.js').then((m) => ({ default: m.NightsPanel }))),
  },
  'since-good': {
    title: 'Since the last good night',
    view: lazy(() => import('./nights/since-good-panel.js').then((m) => ({ default: m.SinceGoodPanel }))),
  },
  trends: {
    title: 'Over the nights',
    view: lazy(() => import('./trends/trends-panel.js').then((m) => ({ default: m.TrendsPanel }))),
  },
  gate: {
    title: 'Row by row',
    view: lazy(() => import('./gate/gate-panel.js').then((m) => ({ default: m.GatePanel }))),
  },
  'needs-you': {
    title: 'Needs you',
    view: lazy(() => import('./needs-you/needs-you-panel.js').then((m) => ({ default: m.NeedsYouPanel }))),
  },
  now: {
    title: 'Now',
    view: lazy(() => import('./now/now-panel.js').then((m) => ({ default: m.NowPanel }))),
  },
  'health-history': {
    title: 'Health',
    view: lazy(() =>
      import('./health-history/health-history-panel.js').then((m) => ({ default: m.HealthHistoryPanel })),
    ),
  },
  'device-sensors': {
    title: 'Last minute',
    view: lazy(() =>
      import('./device-sensors/device-sensors-panel.js').then((m) => ({ default: m.DeviceSensorsPanel })),
    ),
  },
  calendar: {
    title: 'Who has what when',
    view: lazy(() => import('./calendar/calendar-panel.js').then((m) => ({ default: m.CalendarPanel }))),
  },
  leases: {
    title: 'Lease',
    view: lazy(() => import('./leases/leases-panel.js').then((m) => ({ default: m.LeasesPanel }))),
  },
  notes: {
    title: 'Notes',
    view: lazy(() => import('./notes/notes-panel.js').then((m) => ({ default: m.NotesPanel }))),
  },
  activity: {
    title: 'Activity',
    view: lazy(() => import('./activity/activity-panel.js').then((m) => ({ default: m.ActivityPanel }))),
  },
} as const satisfies Record<PanelName, PanelRow>;
