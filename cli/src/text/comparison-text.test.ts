import type { Comparison } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { comparisonText } from './comparison-text.js';

const point = (recipe: string) => ({
  key: `var_0000${recipe}|threads=1,graph=all`,
  variant: `var_0000${recipe}`,
  recipe,
  settings: { threads: 1, graphLevel: 'all' } as const,
  artifact: { sha256: 'a'.repeat(64), bytes: 1 },
  runs: ['run_00000001'],
  verdict: 'clean' as const,
});

describe('comparison in the terminal', () => {
  it('[COMP-9] each other one has a table against the first; what is no difference says so', () => {
    const points = [point('fp32'), point('int8')];
    const comparison: Comparison = {
      model: 'mod_00000001',
      modelName: 'net',
      device: { id: 'dev_00000001', name: 'vm', type: 't', emulated: false },
      protocol: 'quick',
      points,
      metrics: [
        {
          metric: 'latency_p50_ms',
          unit: 'ms',
          direction: 'min',
          reference: { value: 2, low: 1.9, high: 2.1, n: 3, unit: 'ms' },
          others: [
            {
              key: points[1]!.key,
              value: { value: 1.95, low: 1.9, high: 2, n: 3, unit: 'ms' },
              change: {
                difference: { value: -0.05, low: -0.2, high: 0.1 },
                method: 'processes',
                redraws: { better: 1500, worse: 500, of: 2000 },
                shown: false,
              },
            },
          ],
        },
      ],
    };
    const lines = comparisonText(comparison).trimEnd().split('\n');
    expect(lines[0]).toBe('int8 against fp32 on vm, quick');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('no difference shown');
    expect(lines[2]).toContain('in 1500 of 2000 re-draws int8 is faster');
  });
});
