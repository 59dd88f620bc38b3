import { describe, expect, it } from '@jest/globals';
import { constraintsOf, objectivesOf } from './objectives.js';

const ids = (
  y: 'accuracy' | 'size_bytes' | 'latency_p50_ms' | 'transfer_bytes',
  qualityMetric?: 'accuracy' | 'agreement',
) => objectivesOf({ x: 'latency_p50_ms', y }, qualityMetric ? { qualityMetric } : {}).map((o) => o.metric);

describe('objectivesOf', () => {
  it('[FRONT-9] quality is what the model has; without any, size takes its place', () => {
    expect(ids('accuracy', 'accuracy')).toEqual(['latency_p50_ms', 'accuracy']);
    expect(ids('accuracy', 'agreement')).toEqual(['latency_p50_ms', 'agreement']);
    expect(ids('accuracy')).toEqual(['latency_p50_ms', 'size_bytes']);
  });

  it('[FRONT-10] an axis twice, or one that has no better direction, is refused', () => {
    expect(() => ids('latency_p50_ms')).toThrow(expect.objectContaining({ code: 'request.invalid' }));
    expect(() => ids('transfer_bytes')).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it('[FRONT-10] constraints are read, or refused', () => {
    expect(constraintsOf('size_bytes<1MB,accuracy>=90%')).toEqual([
      { metric: 'size_bytes', op: '<', value: 1e6 },
      { metric: 'accuracy', op: '>=', value: 0.9 },
    ]);
    expect(constraintsOf(undefined)).toBeUndefined();
    expect(() => constraintsOf('speed<3')).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });
});
