import { describe, expect, it } from '@jest/globals';
import { meets, parseConstraint } from './frontier.js';

describe('constraints', () => {
  it('[FRONT-1] read a metric, a comparison and a unit', () => {
    expect(parseConstraint('memory_peak_bytes<64MB')).toEqual({ metric: 'memory_peak_bytes', op: '<', value: 64e6 });
    expect(parseConstraint('size_bytes <= 1MiB')).toEqual({ metric: 'size_bytes', op: '<=', value: 1048576 });
    expect(parseConstraint('accuracy>=90%')).toEqual({ metric: 'accuracy', op: '>=', value: 0.9 });
    for (const bad of ['', 'size<1MB', 'size_bytes<', 'size_bytes<1XB', 'size_bytes=1'])
      expect(() => parseConstraint(bad)).toThrow();
  });
  it('[FRONT-1] a metric that was not measured does not meet one', () => {
    const constraint = parseConstraint('energy_mj<5');
    expect(meets(constraint, {})).toBe(false);
    expect(meets(constraint, { energy_mj: { value: 4, n: 1, unit: 'mJ' } })).toBe(true);
  });
});
