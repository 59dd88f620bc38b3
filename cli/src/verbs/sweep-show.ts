import { Frontier, hasSweepEnded, isLabError, type Sweep } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { LabClient } from '../lab/client.js';
import { findSweep } from '../lab/find-sweep.js';
import { followSweep, sweepStatus, sweepTrials } from '../lab/follow-sweep.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { frontierText } from '../text/frontier-text.js';
import { sweepText } from '../text/sweep-text.js';

/** Shows a sweep; with --wait follows it to its end and exits with its outcome. */
export async function sweepShow(context: Context): Promise<ExitStatus> {
  const { lab, terminal, style } = context;
  const sweep = await findSweep(lab, context.positionals[0]!);
  if (context.options.flag('wait')) return sweepToEnd(context, sweep);
  const trials = context.json ? [] : await sweepTrials(lab, sweep.id);
  context.answer(sweep, () => sweepText(sweep, trials, style, terminal.now()));
  return 0;
}

/** Follows a sweep to its end, then shows it with the frontier of each device. */
export async function sweepToEnd(context: Context, from: Sweep): Promise<ExitStatus> {
  const { lab, terminal, style } = context;
  const sweep = hasSweepEnded(from.state) ? from : await followSweep(lab, from.id, terminal);
  const trials = await sweepTrials(lab, sweep.id);
  const frontiers = context.json ? [] : await sweepFrontiers(lab, sweep);
  context.answer(sweep, () =>
    [
      sweepText(sweep, trials, style, terminal.now()),
      ...frontiers.map((frontier) => frontierText(frontier, { style })),
    ].join('\n'),
  );
  return sweepStatus(sweep, trials);
}

/** For each model the frontiers of the sweep's devices by its objectives; none of a model without results. */
async function sweepFrontiers(lab: LabClient, { file, objectives, places }: Sweep): Promise<Frontier[]> {
  const measured = places.filter((place) => place.measured > 0);
  const [x, y, z] = objectives.map(({ metric }) => metric);
  const frontiers: Frontier[] = [];
  for (const model of new Set(measured.map(({ modelId }) => modelId))) {
    const device = measured.filter(({ modelId }) => modelId === model).map(({ deviceId }) => deviceId);
    const where = file.constraints.join(',') || undefined;
    const query = { model, device: device.join(','), protocol: file.protocol, x, y, z, where };
    try {
      frontiers.push(await lab.get('/api/v1/frontier', Frontier, query));
    } catch (error) {
      if (!isLabError(error, 'frontier.no-points')) throw error;
    }
  }
  return frontiers;
}
