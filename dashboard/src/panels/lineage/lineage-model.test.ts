import type { Recipe, Run, Variant } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { testPoint } from '../frontier/testing-points.js';
import { lineageOf } from './lineage-model.js';

const variant = {
  id: 'var_int8',
  recipe: 'int8',
  steps: [
    { pass: 'prune-channels', ms: 12, notes: ['3 of 6 channels'] },
    { pass: 'screening', ms: 5, notes: [] },
  ],
} as unknown as Variant;
const recipe = {
  steps: [
    { pass: 'prune-channels', version: 1, parameters: { share: 0.5, skip: [] } },
    { pass: 'quantize-static', version: 1, parameters: {} },
  ],
} as unknown as Recipe;
const run = (id: string, jobId: string, variantId = 'var_int8'): Run => ({ id, jobId, variantId, queuedAt: id }) as Run;
const axes = ['latency_p50_ms', 'accuracy'] as const;

describe('lineage', () => {
  it('[COMP-12] goes over each pass with its parameters; screening is none', () => {
    const { passes } = lineageOf({ variant, recipe, runs: [], frontiers: [], axes });
    expect(passes).toEqual([
      { pass: 'prune-channels', parameters: 'share 0.5, skip none', ms: 12, notes: ['3 of 6 channels'] },
      { pass: 'quantize-static', notes: [] },
    ]);
    // Of a recipe that nobody has any more, what was done is still known.
    expect(lineageOf({ variant, recipe: undefined, runs: [], frontiers: [], axes }).passes).toHaveLength(1);
  });

  it('[COMP-12] groups its own runs by job, newest first, and says where it stands and why', () => {
    const frontier = {
      device: { id: 'dev_1', name: 'one', type: 't', emulated: false },
      points: [
        testPoint('fp32', { latency_p50_ms: 2, accuracy: 0.9 }),
        testPoint('int8', { latency_p50_ms: 3, accuracy: 0.8 }, { status: 'dominated', dominatedBy: ['var_fp32'] }),
      ],
      excluded: {},
    };
    const runs = [run('run_1', 'job_1'), run('run_2', 'job_2'), run('run_3', 'job_2'), run('run_4', 'job_2', 'var_x')];
    const { jobs, places } = lineageOf({ variant, recipe, runs, frontiers: [frontier], axes });
    expect(jobs.map(({ jobId, runs: own }) => [jobId, own.map(({ id }) => id)])).toEqual([
      ['job_2', ['run_3', 'run_2']],
      ['job_1', ['run_1']],
    ]);
    expect(places.map(({ device, label, reason }) => [device.name, label, reason.includes('fp32')])).toEqual([
      ['one', 'int8', true],
    ]);
  });
});
