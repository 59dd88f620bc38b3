import { describe, expect, it } from '@jest/globals';
import { qualityMetricOf } from './model.service.js';

describe('qualityMetricOf', () => {
  it('[MODEL-2] labels give accuracy, items alone agreement, nothing no quality', () => {
    expect(qualityMetricOf({}, { labelled: true })).toBe('accuracy');
    expect(qualityMetricOf({}, { labelled: false })).toBe('agreement');
    expect(qualityMetricOf({}, undefined)).toBeUndefined();
    expect(qualityMetricOf({ metric: 'agreement' }, { labelled: true })).toBe('agreement');
  });

  it('[MODEL-2] a metric without the data it needs is refused', () => {
    expect(() => qualityMetricOf({ metric: 'accuracy' }, { labelled: false })).toThrow(
      expect.objectContaining({ code: 'data.missing' }),
    );
    expect(() => qualityMetricOf({ metric: 'agreement' }, undefined)).toThrow(
      expect.objectContaining({ code: 'data.missing' }),
    );
  });
});
