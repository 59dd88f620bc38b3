import { type MetricId, Run, runStates } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice, findModel } from '../lab/find.js';
import { stateText } from '../text/status-marks.js';
import { table } from '../text/table.js';
import { formatAge, formatInterval } from '../text/units.js';

/** Lists runs, newest first. */
export async function runs(context: Context): Promise<void> {
  const { options, lab, style, terminal } = context;
  const state = options.choice('state', runStates);
  const [wantedModel, wantedDevices] = [options.text('model'), options.texts('device')];
  const model = wantedModel === undefined ? undefined : await findModel(lab, wantedModel);
  const devices = await Promise.all(wantedDevices.map((wanted) => findDevice(lab, wanted)));
  const query = { job: options.text('job'), model: model?.id, state };
  // One list for each device: the lab filters by one.
  const lists = await Promise.all(
    (devices.length > 0 ? devices.map((device) => device.id) : [undefined]).map((device) =>
      lab.list<Run>('/api/v1/runs', Run, { ...query, device }),
    ),
  );
  const all = lists.flat();
  const metric =
    (id: MetricId) =>
    (run: Run): string | undefined => {
      const value = run.metrics[id];
      return value && formatInterval(id, value);
    };
  context.answer(all, () =>
    all.length === 0
      ? 'no such runs\n'
      : table(
          all,
          [
            { title: 'State', cell: (run) => stateText(run.state, style) },
            { title: 'Run', cell: (run) => run.id },
            { title: 'Recipe', cell: (run) => run.recipe },
            { title: 'Device', cell: (run) => run.deviceName },
            { title: 'Protocol', cell: (run) => run.protocol.name },
            { title: 'Latency p50', align: 'right', cell: metric('latency_p50_ms') },
            { title: 'Accuracy', align: 'right', cell: metric('accuracy') },
            { title: 'Agreement', align: 'right', cell: metric('agreement') },
            { title: 'Verdict', cell: (run) => run.verdict?.verdict },
            { title: 'Attempt', align: 'right', cell: (run) => (run.attempt > 1 ? String(run.attempt) : undefined) },
            { title: 'Queued', cell: (run) => formatAge(run.queuedAt, terminal.now()) },
            { title: 'Error', cell: (run) => run.error?.code },
          ],
          style,
        ),
  );
}
