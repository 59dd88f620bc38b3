import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ScheduleNights } from './schedule-nights.js';
import { HandClock } from './testing/hand-clock.js';
import { ana, labFolder, ScheduleBench } from './testing/schedule-bench.js';

describe('nights of a schedule', () => {
  const lab = labFolder();
  let bench: ScheduleBench;
  beforeEach(async () => {
    bench = await ScheduleBench.open(lab.folder, new HandClock('2026-06-01T00:00:00Z'));
  });
  afterEach(async () => {
    await bench.stop();
    lab.remove();
  });

  it('[NIGHT-5] are its starts, newest first, with what their gates say today', async () => {
    const lanes = { regressed: 2, improved: 0, infrastructure: 3, inconclusive: 4, same: 5, accepted: 0 };
    const gate = { id: 'gate_00000001', verdict: 'worse' as const, baselineName: 'v1', maxRegression: 0.01, lanes };
    bench.judge = async () => ({ id: gate.id, verdict: 'worse' });
    await bench.add({ baseline: 'v1' });
    const first = await bench.schedules.trigger(ana, 'nightly');
    await bench.end(first.sweepId!);
    await bench.settler.idle();
    await bench.pass(60_000);
    const asked: string[][] = [];
    const nights = new ScheduleNights(bench.schedules, {
      standings: async (ids) => {
        asked.push([...ids]);
        return new Map([[gate.id, gate]]);
      },
    });
    const second = await bench.schedules.trigger(ana, 'nightly');
    const { items } = await nights.of('nightly', { limit: 30 });
    expect(items.map((night) => [night.start.id, night.gate])).toEqual([
      [second.id, undefined],
      [first.id, gate],
    ]);
    expect(asked).toEqual([[gate.id]]);
  });
});
