import { describe, expect, it } from '@jest/globals';
import { LiveSender } from '../live-sender.js';
import { LiveBuckets } from './live-buckets.js';

describe('live progress', () => {
  it('[MEAS-13] is cut into buckets of 100 ms: time, least, median, most, count', () => {
    const live = new LiveBuckets();
    live.push([30, 50, 40]);
    expect(live.take()).toEqual([[0, 30, 40, 50, 3]]);
    live.push([60]);
    expect(live.take()).toEqual([]);
    live.push([60, 300]);
    expect(live.take()).toEqual([
      [120, 60, 60, 60, 2],
      [240, 300, 300, 300, 1],
    ]);
  });

  it('[MEAS-13] goes out at most ten times a second, a new phase and the end at once', () => {
    let now = 0;
    const sent: unknown[] = [];
    const sender = new LiveSender('run_12345678', (live) => sent.push([now, live.phase, live.buckets!.length]), {
      monotonic: () => now,
      wall: () => now,
    });
    for (; now < 250; now += 10) sender.report({ phase: 'measuring', fraction: 0.1, buckets: [[now, 1, 1, 1, 1]] });
    sender.report({ phase: 'evaluating', fraction: 0.5 });
    now += 10;
    sender.report({ phase: 'evaluating', fraction: 1 });
    expect(sent).toEqual([
      [0, 'measuring', 1],
      [100, 'measuring', 10],
      [200, 'measuring', 10],
      [250, 'evaluating', 4],
      [260, 'evaluating', 0],
    ]);
  });

  it('[ENERGY-5] power goes out with it, at most ten times a second, also while nothing else happens', () => {
    let now = 0;
    const sent: unknown[] = [];
    const sender = new LiveSender(
      'run_12345678',
      ({ phase, block, buckets, power }) => sent.push([now, phase, block, buckets!.length, power?.map(([at]) => at)]),
      { monotonic: () => now, wall: () => now },
    );
    // Before the run has said anything of itself there is nothing to send it with.
    sender.power([[0, 1, 2, 3]]);
    sender.report({ phase: 'warming-up', fraction: 0, block: 1 });
    for (; now < 250; now += 50) sender.power([[now + 1, 1, 2, 3]]);
    sender.report({ phase: 'measuring', fraction: 0.1, block: 1, buckets: [[0, 1, 1, 1, 1]] });
    now += 200;
    sender.power([[999, 1, 2, 3]]);
    expect(sent).toEqual([
      [0, 'warming-up', 1, 0, [0]],
      [100, 'warming-up', 1, 0, [1, 51, 101]],
      [200, 'warming-up', 1, 0, [151, 201]],
      [250, 'measuring', 1, 1, undefined],
      [450, 'measuring', 1, 0, [999]],
    ]);
  });
});
