import { type Goal, parseConstraint, recommend } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { shipText } from './ship-text.js';
import { testPoint } from './testing-points.js';

const fp32 = testPoint('fp32', { latency_p50_ms: 10, size_bytes: 4e6, accuracy: 0.9 });
const int8 = testPoint('int8', { latency_p50_ms: 4, size_bytes: 1e6, accuracy: 0.895 });
const goal: Goal = { prefer: 'size_bytes', quality: 'accuracy', within: 0.005, constraints: [] };
const text = (points: (typeof fp32)[], more: Partial<Goal> = {}) => {
  const wanted = { ...goal, ...more };
  return shipText(recommend(points, wanted), wanted, points);
};

describe('shipText', () => {
  it('[DASH-14] gives the variant and its reason in one sentence', () => {
    expect(text([fp32, int8], { constraints: [parseConstraint('memory_peak_bytes<64MB')] })).toEqual({
      tone: 'none',
      reason: 'nothing fits all constraints together',
    });
    expect(text([fp32, int8], { constraints: [parseConstraint('latency_p50_ms<64ms')] })).toEqual({
      tone: 'sure',
      name: 'int8',
      reason:
        'smallest within 0.5 points of fp32, latency p50 under 64.0\u00a0ms: 1.00\u00a0MB, 4.0 times better than fp32; accuracy 0.895 (fp32 0.900)',
    });
  });

  it('[DASH-14] says what is open and how to find out', () => {
    expect(text([fp32, { ...int8, status: 'uncertain', probability: 0.5 }])).toEqual({
      tone: 'open',
      name: 'fp32',
      reason: 'not sure yet: int8 may be better; measure it again under strict',
    });
  });

  it('[DASH-14] says what excludes everything and what to relax', () => {
    expect(text([], {}).reason).toBe('no clean run with size yet');
    expect(text([int8, fp32], { within: 0.001, constraints: [parseConstraint('size_bytes<2MB')] }).reason).toBe(
      'nothing that fits is that close to fp32; allow more points',
    );
    expect(text([int8, fp32], { constraints: [parseConstraint('size_bytes<500kB')] }).reason).toBe(
      'nothing fits; nearest: relax size to 1.00\u00a0MB',
    );
  });
});
