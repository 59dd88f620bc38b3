import type { MetricValue } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { distributionOf } from './distribution.js';

const value = (v: number, low?: number, high?: number): MetricValue => ({
  value: v,
  ...(low !== undefined && high !== undefined && { low, high }),
  n: 5,
  unit: 'ms',
});

/** A small linear congruence: the same numbers on every machine. */
function numbers(count: number): number[] {
  let state = 42;
  return Array.from({ length: count }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return 10 + (state / 4_294_967_296) ** 4;
  });
}

describe('distribution of latencies', () => {
  it('[RUNP-1] every inference is in one bin or counted as beyond; the last bin ends where the curve does', () => {
    const all = [...numbers(2000), 90, 95];
    const found = distributionOf([...all, null], { latency_p50_ms: value(10.1, 10, 10.2) })!;
    const inside = found.bins.reduce((sum, bin) => sum + bin.count, 0);
    expect([found.count, inside + found.beyond!.count, found.beyond!.most]).toEqual([2002, 2002, 95]);
    expect(found.beyond!.count).toBeGreaterThanOrEqual(2);
    expect(found.bins.at(-1)!.upTo).toBeCloseTo(found.cumulative.at(-1)!.share, 12);
    for (const bin of found.bins) {
      expect(bin.count).toBe(
        all.filter((v) => v >= bin.from && (v < bin.to || (v === bin.to && v === found.to))).length,
      );
    }
  });

  it('[RUNP-1] the order of the inferences changes nothing, and there are few corners and bins', () => {
    const all = numbers(5000);
    const found = distributionOf(all, {})!;
    expect(distributionOf([...all].reverse(), {})).toEqual(found);
    expect([found.bins.length <= 60, found.bins.length >= 12, found.cumulative.length <= 400]).toEqual([
      true,
      true,
      true,
    ]);
    expect(found.cumulative.every(({ share }, i, list) => i === 0 || share > list[i - 1]!.share)).toBe(true);
  });

  it('[RUNP-2] marks are what the lab summarised, with their intervals; what is absent has no mark', () => {
    const found = distributionOf([1, 2, 3], { latency_p50_ms: value(2, 0.5, 9), latency_p99_ms: value(3) })!;
    expect(found.marks.map(({ name, low, high }) => [name, low, high])).toEqual([
      ['p50', 0.5, 9],
      ['p99', undefined, undefined],
    ]);
    expect([found.from <= 0.5, found.to >= 9, found.beyond]).toEqual([true, true, undefined]);
  });

  it('[RUNP-2] a far tail does not flatten the bulk: its quantile lies beyond the picture, a near one in it', () => {
    const bulk = numbers(1000);
    const far = distributionOf([...bulk, ...Array(15).fill(90)], {
      latency_p50_ms: value(10.1, 10, 10.2),
      latency_p99_ms: value(90, 11, 90),
    })!;
    expect([far.to < 13, far.beyond]).toEqual([true, { count: 15, most: 90 }]);
    const near = distributionOf(bulk, {
      latency_p50_ms: value(10.1, 10, 10.2),
      latency_p99_ms: value(11, 10.9, 11.1),
    })!;
    expect([near.to >= 11.1, near.beyond]).toEqual([true, undefined]);
  });

  it('[RUNP-1] all equal is one bin; nothing measured is no picture', () => {
    const same = distributionOf([7, 7, 7], { latency_p50_ms: value(7, 7, 7) })!;
    expect([same.bins.length, same.bins[0]!.count, same.from < 7, same.to > 7]).toEqual([1, 3, true, true]);
    expect([distributionOf([], {}), distributionOf([null], {})]).toEqual([undefined, undefined]);
  });
});
