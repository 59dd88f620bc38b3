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
  it('[COMP-10] a cell is a value with its status, a run under way, a failure with its reason, or nothing', () => {
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

  it('[COMP-10] other run settings are another row', () => {
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

  it('[COMP-10] a column sorts, the best on top and what has no value last; what no board takes is said', () => {
    const frontiers = [
      {
        device: { id: 'dev_one', name: 'one', type: 't', emulated: false },
        points: [
          testPoint('fp32', { latency_p50_ms: 4 }),
          testPoint('int8', { latency_p50_ms: 2 }),
          testPoint('fp16', { latency_p50_ms: 3 }),
        ],
        excluded: {},
      },
    ];
    const runs = ['fp32', 'int8', 'fp16'].map((recipe) => run(`run_${recipe}`, recipe, 'dev_one', 'succeeded'));
    const refused = { ...variant('resized'), planError: { code: 'plan.unsupported', message: 'Resize' } };
    const matrix = matrixOf({
      variants: [refused],
      frontiers,
      runs: [...runs, run('run_9', 'int8', 'dev_two', 'queued')],
      metric: 'latency_p50_ms',
      deviceNames: new Map([
        ['dev_one', { id: 'dev_one', name: 'one', emulated: false }],
        ['dev_two', { id: 'dev_two', name: 'two', emulated: true, kind: 'microcontroller' }],
      ]),
      sort: 'one',
    });
    expect(matrix.rows.map((row) => row.label)).toEqual(['int8', 'fp16', 'fp32', 'resized']);
    expect(matrix.rows[3]!.cells.map(({ kind, text }) => [kind, text])).toEqual([
      ['none', undefined],
      ['refused', 'Resize'],
    ]);
    expect(matrix.rows[0]!.key).toBe('var_int8|threads=1,graph=all');
  });
});
