import { describe, expect, it } from '@jest/globals';
import { testPoint } from './testing-points.js';
import { thirdMetric } from './third-metric.js';

describe('third metric', () => {
  it('[CHART-6] spreads what was measured over the scale; what was not has no size', () => {
    const points = [1e5, 1e6, 1e7].map((size_bytes, i) => testPoint(`r${i}`, { size_bytes }));
    const third = thirdMetric('size_bytes', points)!;
    expect(points.map(third.shareOf).map((share) => share?.toFixed(2))).toEqual(['0.00', '0.50', '1.00']);
    expect(third.shareOf(testPoint('bare', { accuracy: 1 }))).toBeUndefined();
    expect(third.steps.map(({ text }) => text.replace('\u00a0', ' '))).toEqual(['100 kB', '1.00 MB', '10.0 MB']);
    expect(thirdMetric('energy_mj', points)).toBeUndefined();
    expect(thirdMetric('size_bytes', [points[0]!])!.steps).toHaveLength(1);
  });
});
