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
});
