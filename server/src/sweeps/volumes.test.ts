import { type MetricValues, objectiveOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type Measured, stopNote, volumesOf } from './volumes.js';

const objectives = [objectiveOf('latency_p50_ms'), objectiveOf('accuracy')];
const reference = { corner: [20, 0], fp32: [10, 0.9] };
const metrics = (latency: number, accuracy: number): MetricValues => ({
  latency_p50_ms: { value: latency, n: 3, unit: 'ms' },
  accuracy: { value: accuracy, n: 3, unit: '' },
});
const trial = (id: string, latency: number, more: Partial<Measured> = {}): Measured => ({
  id,
  pointKey: id,
  protocol: 'standard',
  state: 'succeeded',
  verdict: 'clean',
  metrics: metrics(latency, 0.9),
  ...more,
});

describe('volumes', () => {
  it('[SWEEP-5] fp32 alone is 1, and each trial tells the volume after it', () => {
    const volumes = volumesOf([trial('a', 10), trial('b', 5), trial('c', 8)], 'standard', objectives, reference);
    expect(volumes.get('a')).toBeCloseTo(1);
    expect(volumes.get('b')).toBeCloseTo(2);
    expect(volumes.get('c')).toBeCloseTo(2);
  });

  it('[SWEEP-5] of a point the newest clean result counts; screening and failures change nothing', () => {
    const ended = [
      trial('a', 10),
      trial('b', 5, { verdict: 'disturbed' }),
      trial('c', 10, { pointKey: 'b' }),
      trial('d', 2, { pointKey: 'b', verdict: 'disturbed' }),
      trial('e', 1, { protocol: 'quick' }),
      trial('f', 1, { state: 'failed' }),
      trial('g', 1, { verdict: 'invalid' }),
    ];
    const volumes = volumesOf(ended, 'standard', objectives, reference);
    expect([...volumes.values()].map((each) => Math.round(each * 100) / 100)).toEqual([1, 2, 1, 1, 1, 1, 1]);
    expect(volumesOf(ended, 'standard', objectives, undefined).size).toBe(0);
  });

  it('[SWEEP-5] stops when the last trials under the protocol that counts gained too little', () => {
    const note = (ended: readonly Measured[], trials = 2) =>
      stopNote(ended, volumesOf(ended, 'standard', objectives, reference), {
        protocol: 'standard',
        stop: { trials, gain: 0.01 },
      });
    const ended = [trial('a', 10), trial('b', 5), trial('c', 9), trial('d', 8)];
    expect(note(ended)).toEqual(expect.stringContaining('0.00 %'));
    expect(note(ended.slice(0, 3))).toBeUndefined();
    expect(note(ended, 3)).toBeUndefined();
    expect(
      note([trial('a', 10), trial('q', 9, { protocol: 'quick' }), trial('r', 9, { protocol: 'quick' })]),
    ).toBeUndefined();
  });
});
