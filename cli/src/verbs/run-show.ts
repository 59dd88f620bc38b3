import {
  type EvidenceItem,
  LayerColumns,
  layerTimes,
  type MetricId,
  metrics,
  ProfileColumns,
  profiledLayers,
  Run,
  repetitionText,
  settingsKey,
  signalText,
} from '@hilltop/contracts';
import type { Context } from '../context.js';
import { energyText } from '../text/energy.js';
import { layersText } from '../text/layers-text.js';
import { profileText } from '../text/profile-text.js';
import { stateText, verdictMarks } from '../text/status-marks.js';
import type { Style } from '../text/style.js';
import { fields, table } from '../text/table.js';
import { formatBytes, formatDuration, formatInterval, formatMs, shortSha, significant } from '../text/units.js';
import { waitingText } from '../text/waiting-text.js';

/** Shows a run: metrics with their intervals, the verdict and its evidence, and where the time goes. */
export async function runShow(context: Context): Promise<void> {
  const { lab, style } = context;
  const path = `/api/v1/runs/${encodeURIComponent(context.positionals[0]!)}`;
  const run = await lab.get(path, Run);
  const onBoard = run.environment?.runtime.name === 'microcontroller';
  const counted = onBoard ? await lab.get(`${path}/observations`, LayerColumns, { kind: 'layer' }) : undefined;
  const layers = counted ? layerTimes(counted) : [];
  const profiled = !onBoard && run.attempt > 0;
  const columns = profiled ? await lab.get(`${path}/observations`, ProfileColumns, { kind: 'profile' }) : undefined;
  const profile = columns ? profiledLayers(columns) : [];
  context.answer({ ...run, ...(onBoard ? { layers } : { profile }) }, () =>
    [
      runFacts(run, style),
      metricsText(run, style),
      energyText(run, style),
      layersText(layers, run, style),
      profileText(profile, style),
      evidenceText(run, style),
    ]
      .filter(Boolean)
      .join('\n'),
  );
}

function runFacts(run: Run, style: Style): string {
  const { environment, floor, artifact } = run;
  const onBoard = environment?.runtime.name === 'microcontroller';
  // Its artifact only names the model, and the size of that name is no model's.
  const inFirmware = run.state === 'succeeded' && run.metrics.size_bytes === undefined;
  return fields(
    {
      run: style.bold(run.id),
      state:
        stateText(run.state, style) + (run.error ? `: ${run.error.cause} ${run.error.code}: ${run.error.message}` : ''),
      job: run.jobId,
      recipe: run.recipe,
      artifact:
        artifact && `${inFirmware ? 'inside the firmware' : formatBytes(artifact.bytes)}, ${shortSha(artifact.sha256)}`,
      device: run.deviceName,
      protocol: `${run.protocol.name}, ${run.protocol.scenario}, ${run.protocol.blocks} ${onBoard ? 'loops' : 'processes'}`,
      settings: onBoard ? undefined : settingsKey(run.settings),
      attempt: String(run.attempt),
      waits: run.waiting && waitingText(run.waiting),
      waited: run.queueSeconds === undefined ? undefined : formatDuration(run.queueSeconds * 1000),
      ran: run.runSeconds === undefined ? undefined : formatDuration(run.runSeconds * 1000),
      repetition: repetitionText(run).join('; '),
      runtime:
        environment &&
        `${environment.runtime.name} ${environment.runtime.version} (${environment.runtime.provider}), Node ${environment.node}`,
      system: environment && [environment.kernel, environment.governor].filter(Boolean).join(', '),
      caps: environment?.caps,
      floor: floor && `${formatMs(floor.latencyP50Ms)} p50 of the null model`,
      transfer: run.transferBytes === undefined ? undefined : formatBytes(run.transferBytes),
    },
    style,
  );
}

function metricsText(run: Run, style: Style): string {
  const measured = (Object.keys(metrics) as MetricId[]).flatMap((id) => {
    const value = run.metrics[id];
    return value ? [{ id, value }] : [];
  });
  return table(
    measured,
    [
      { title: 'Metric', cell: ({ id }) => metrics[id].label },
      { title: 'Value (95 %)', align: 'right', cell: ({ id, value }) => formatInterval(id, value) },
      { title: 'n', align: 'right', cell: ({ value }) => String(value.n) },
      { title: 'Id', cell: ({ id }) => style.dim(id) },
    ],
    style,
  );
}

function evidenceText(run: Run, style: Style): string {
  if (!run.verdict) return '';
  const { verdict, reasons, evidence } = run.verdict;
  const worst = (item: EvidenceItem): number => ['hard', 'soft', 'ok'].indexOf(item.level);
  const head = `${verdictMarks[verdict]} ${style.bold(verdict)}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}\n`;
  const rows = [...evidence].sort((a, b) => worst(a) - worst(b));
  const limit = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : significant(Math.abs(value) < 5e-7 ? 0 : value);
  return (
    head +
    table(
      rows,
      [
        { title: 'Evidence', cell: (item) => signalText(item.signal) },
        { title: 'Signal', cell: (item) => style.dim(item.signal) },
        { title: 'Block', align: 'right', cell: (item) => (item.block === undefined ? undefined : String(item.block)) },
        { title: 'Value', align: 'right', cell: (item) => significant(item.value) },
        { title: 'Soft limit', align: 'right', cell: (item) => limit(item.softLimit) },
        { title: 'Hard limit', align: 'right', cell: (item) => limit(item.hardLimit) },
        { title: 'Level', cell: (item) => (item.level === 'ok' ? 'ok' : style.warn(item.level)) },
      ],
      style,
    )
  );
}
