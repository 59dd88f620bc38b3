import type { ComponentType } from 'react';
import { loadable } from '../ui/loadable.js';
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
    view: loadable(() => import('./devices/devices-panel.js').then((m) => m.DevicesPanel)),
  },
  jobs: { title: 'Jobs', view: JobsPanel },
  models: { title: 'Models', view: ModelsPanel },
  'device-facts': {
    title: 'Facts',
    view: loadable(() => import('./device-facts/device-facts-panel.js').then((m) => m.DeviceFactsPanel)),
  },
  'device-runs': {
    title: 'Runs',
    view: loadable(() => import('./device-runs/device-runs-panel.js').then((m) => m.DeviceRunsPanel)),
  },
  frontier: {
    title: 'Frontier',
    view: loadable(() => import('./frontier/frontier-panel.js').then((m) => m.FrontierPanel)),
  },
  matrix: {
    title: 'Variants on devices',
    view: loadable(() => import('./matrix/matrix-panel.js').then((m) => m.MatrixPanel)),
  },
  compare: {
    title: 'Compare',
    view: loadable(() => import('./compare/compare-panel.js').then((m) => m.ComparePanel)),
  },
  fleet: {
    title: 'Fleet',
    view: loadable(() => import('./fleet/fleet-panel.js').then((m) => m.FleetPanel)),
  },
  lineage: {
    title: 'Lineage',
    view: loadable(() => import('./lineage/lineage-panel.js').then((m) => m.LineagePanel)),
  },
  variants: {
    title: 'Variants',
    view: loadable(() => import('./variants/variants-panel.js').then((m) => m.VariantsPanel)),
  },
  'job-progress': {
    title: 'Devices',
    view: loadable(() => import('./job-progress/job-progress-panel.js').then((m) => m.JobProgressPanel)),
  },
  'job-runs': {
    title: 'Runs',
    view: loadable(() => import('./job-runs/job-runs-panel.js').then((m) => m.JobRunsPanel)),
  },
  'job-failures': {
    title: 'What failed',
    view: loadable(() => import('./job-failures/job-failures-panel.js').then((m) => m.JobFailuresPanel)),
  },
  trace: {
    title: 'Latency, live',
    view: loadable(() => import('./trace/trace-panel.js').then((m) => m.TracePanel)),
  },
  'run-power': {
    title: 'Power',
    view: loadable(() => import('./run-power/run-power-panel.js').then((m) => m.RunPowerPanel)),
  },
  'run-phases': {
    title: 'Phases',
    view: loadable(() => import('./run-phases/run-phases-panel.js').then((m) => m.RunPhasesPanel)),
  },
  'run-metrics': {
    title: 'Metrics',
    view: loadable(() => import('./run-metrics/run-metrics-panel.js').then((m) => m.RunMetricsPanel)),
  },
  'run-distribution': {
    title: 'Distribution',
    view: loadable(() => import('./run-distribution/run-distribution-panel.js').then((m) => m.RunDistributionPanel)),
  },
  'run-verdict': {
    title: 'Verdict',
    view: loadable(() => import('./run-verdict/run-verdict-panel.js').then((m) => m.RunVerdictPanel)),
  },
  'run-settings': {
    title: 'Settings and versions',
    view: loadable(() => import('./run-settings/run-settings-panel.js').then((m) => m.RunSettingsPanel)),
  },
  layers: {
    title: 'Where the time goes',
    view: loadable(() => import('./layers/layers-panel.js').then((m) => m.LayersPanel)),
  },
  profile: {
    title: 'Where the time goes',
    view: loadable(() => import('./profile/profile-panel.js').then((m) => m.ProfilePanel)),
  },
  console: {
    title: 'Console',
    view: loadable(() => import('./console/console-panel.js').then((m) => m.ConsolePanel)),
  },
  'memory-plan': {
    title: 'On microcontrollers',
    view: loadable(() => import('./memory-plan/memory-plan-panel.js').then((m) => m.MemoryPlanPanel)),
  },
  sweeps: {
    title: 'Sweeps',
    view: loadable(() => import('./sweeps/sweeps-panel.js').then((m) => m.SweepsPanel)),
  },
  'sweep-places': {
    title: 'Where it searches',
    view: loadable(() => import('./sweep-places/sweep-places-panel.js').then((m) => m.SweepPlacesPanel)),
  },
  'sweep-volume': {
    title: 'Hypervolume',
    view: loadable(() => import('./sweep-volume/sweep-volume-panel.js').then((m) => m.SweepVolumePanel)),
  },
  'sweep-trials': {
    title: 'Trials',
    view: loadable(() => import('./sweep-trials/sweep-trials-panel.js').then((m) => m.SweepTrialsPanel)),
  },
  'sweep-next': {
    title: 'Next, and why',
    view: loadable(() => import('./sweep-next/sweep-next-panel.js').then((m) => m.SweepNextPanel)),
  },
  'sweep-replay': {
    title: 'How it was found',
    view: loadable(() => import('./sweep-replay/sweep-replay-panel.js').then((m) => m.SweepReplayPanel)),
  },
  schedules: {
    title: 'Schedules',
    view: loadable(() => import('./schedules/schedules-panel.js').then((m) => m.SchedulesPanel)),
  },
  nights: {
    title: 'Nights',
    view: loadable(() => import('./nights/nights-panel.js').then((m) => m.NightsPanel)),
  },
  'since-good': {
    title: 'Since the last good night',
    view: loadable(() => import('./nights/since-good-panel.js').then((m) => m.SinceGoodPanel)),
  },
  trends: {
    title: 'Over the nights',
    view: loadable(() => import('./trends/trends-panel.js').then((m) => m.TrendsPanel)),
  },
  gate: {
    title: 'Row by row',
    view: loadable(() => import('./gate/gate-panel.js').then((m) => m.GatePanel)),
  },
  'needs-you': {
    title: 'Needs you',
    view: loadable(() => import('./needs-you/needs-you-panel.js').then((m) => m.NeedsYouPanel)),
  },
  now: {
    title: 'Now',
    view: loadable(() => import('./now/now-panel.js').then((m) => m.NowPanel)),
  },
  'health-history': {
    title: 'Health',
    view: loadable(() => import('./health-history/health-history-panel.js').then((m) => m.HealthHistoryPanel)),
  },
  'device-sensors': {
    title: 'Last minute',
    view: loadable(() => import('./device-sensors/device-sensors-panel.js').then((m) => m.DeviceSensorsPanel)),
  },
  calendar: {
    title: 'Who has what when',
    view: loadable(() => import('./calendar/calendar-panel.js').then((m) => m.CalendarPanel)),
  },
  leases: {
    title: 'Lease',
    view: loadable(() => import('./leases/leases-panel.js').then((m) => m.LeasesPanel)),
  },
  notes: {
    title: 'Notes',
    view: loadable(() => import('./notes/notes-panel.js').then((m) => m.NotesPanel)),
  },
  activity: {
    title: 'Activity',
    view: loadable(() => import('./activity/activity-panel.js').then((m) => m.ActivityPanel)),
  },
} as const satisfies Record<PanelName, PanelRow>;
