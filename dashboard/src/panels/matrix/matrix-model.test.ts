import type { Run, Variant } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { testPoint } from '../frontier/testing-points.js';
import { matrixOf } from './matrix-model.js';

const run = (id: string, recipe: string, deviceId: string, state: Run['state'], more: Partial<Run> = {}): Run =>
  ({
    id,
    recipe,
    variantId: `var_${recipe}`,
    deviceId,
    state,
    settings: { threads: 1, graphLevel: 'all' },
    metrics: {},
    queuedAt: id,
    ...more,
  }) as Run;
const variant = (recipe: string): Variant => ({ id: `var_${recipe}`, recipe }) as Variant;
const names = new Map(['one', 'two'].map((name) => [`dev_${name}`, { id: `dev_${name}`, name, emulated: false }]));

describe('matrix', () => {
  it('a cell is a value with its status, a run under way, a failure with its reason, or nothing', () => {
    const frontiers = [
      {
        device: { id: 'dev_one', name: 'one', type: 't', emulated: false },
        points: [testPoint('fp32', { latency_p50_ms: 4 })],
        excluded: {},
      },
    ];
    const runs = [
      run('run_1', 'fp32', 'dev_one', 'succeeded'),
      run('run_2', 'int8', 'dev_one', 'running'),
      run('run_3', 'int8', 'dev_two', 'failed', {
        error: { code: 'run.model-rejected', message: 'does not fit', cause: 'device' },
      }),
    ];
    const matrix = matrixOf({
      variants: [variant('int8'), variant('fp32'), variant('fp16')],
      frontiers,
      runs,
      metric: 'latency_p50_ms',
      deviceNames: names,
    });
    expect(matrix.devices.map((d) => d.name)).toEqual(['one', 'two']);
    expect(matrix.rows.map((row) => [row.label, row.cells.map((cell) => cell.kind)])).toEqual([
      ['fp32', ['value', 'none']],
      ['fp16', ['none', 'none']],
      ['int8', ['running', 'failed']],
    ]);
    expect(matrix.rows[0]!.cells[0]).toMatchObject({ status: 'on', runId: 'run_fp32', value: { value: 4 } });
    expect(matrix.rows[2]!.cells[1]!.text).toBe('does not fit');
  });

  it('other run settings are another row', () => {
    const settings = { threads: 2, graphLevel: 'all' } as const;
    const matrix = matrixOf({
      variants: [],
      frontiers: [],
      runs: [run('run_1', 'fp32', 'dev_one', 'queued'), run('run_2', 'fp32', 'dev_one', 'queued', { settings })],
      metric: 'latency_p50_ms',
      deviceNames: names,
    });
    expect(matrix.rows.map((row) => row.label)).toEqual(['fp32', 'fp32 · 2 threads']);
  });
});
