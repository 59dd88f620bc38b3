import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sweep, SweepPreview, Trial } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, root, startLab, type TestLab } from '../support/lab.js';
import { readTruth, truthBreaches } from '../support/truth.js';

const file = {
  name: 'night',
  models: ['sample'],
  recipes: ['fp16', { recipe: 'prune-50', vary: { 'prune-magnitude.sparsity': [0.3, 0.6] } }],
  protocol: 'quick',
  evaluationItems: 20,
  sampler: { name: 'grid' },
  selector: { devices: ['bench-1'] },
  healthCheck: false,
} as const;

describe('a sweep', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.agent('bench-1');
    await lab.push('sample', {
      model: readFileSync(example('models/fashion-resnet-micro.onnx')),
      calibration: readFileSync(example('data/fashion-calibration.npz')),
      evaluation: readFileSync(example('data/fashion-validation.npz')),
    });
  }, 120_000);
  afterAll(() => lab.stop());

  const sweepOf = (id: string, done: (sweep: Sweep) => boolean, timeoutMs = 120_000): Promise<Sweep> =>
    lab.watch(`sweep/${id}`).until((e) => [...e.sweep.values()].find(done), timeoutMs);
  const trialsOf = async (id: string): Promise<Trial[]> =>
    (await lab.api<{ items: Trial[] }>('GET', `/sweeps/${id}/trials?limit=200`)).items;

  it('[SWEEP-20] survives the coordinator in its middle and makes every trial once', async () => {
    const preview = await lab.api<SweepPreview>('POST', '/sweeps/preview', { file });
    expect(preview).toMatchObject({ points: 4, places: [{ deviceName: 'bench-1', modelName: 'sample', points: 4 }] });
    const { id, state } = await lab.api<Sweep>('POST', '/sweeps', { file });
    expect(state).toBe('preparing');
    await sweepOf(id, (sweep) => sweep.trials.succeeded >= 1);
    await lab.server.kill();
    await lab.start();
    const ended = await sweepOf(id, (sweep) => sweep.endedAt !== undefined);
    expect(ended).toMatchObject({ state: 'succeeded', used: { runs: 5 }, trials: { total: 5, succeeded: 5, open: 0 } });
    const trials = await trialsOf(id);
    expect(trials.map(({ recipe, reason }) => [recipe, reason])).toEqual([
      ['fp32', 'control'],
      ['fp16', 'grid'],
      ['prune-50-sparsity-0.3', 'grid'],
      ['prune-50-sparsity-0.6', 'grid'],
      ['fp32', 'control'],
    ]);
    for (const trial of trials) {
      expect(trial.metrics.latency_p50_ms).toBeDefined();
      expect(trial.deviceSeconds).toBeGreaterThan(0);
      const runs = await lab.runs(trial.jobId!);
      expect(runs.map((run) => [run.id, run.state])).toEqual([[trial.runId, 'succeeded']]);
    }
    expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
  }, 240_000);

  it('[SWEEP-7] is cancelled within a second, also in the middle of a run', async () => {
    const { id } = await lab.api<Sweep>('POST', '/sweeps', { file: { ...file, protocol: 'strict', control: 'fp16' } });
    await lab
      .watch(`device/${(await lab.device('bench-1')).id}`)
      .until((e) => [...e.run.values()].find((r) => r.state === 'running'));
    const asked = performance.now();
    const cancelled = await lab.api<Sweep>('POST', `/sweeps/${id}/cancel`, { reason: 'enough' });
    expect(performance.now() - asked).toBeLessThan(1000);
    expect(cancelled).toMatchObject({ state: 'cancelled', note: expect.stringContaining('enough') });
    await sweepOf(id, (sweep) => sweep.trials.open === 0);
    await expect(lab.api('POST', `/sweeps/${id}/resume`, {})).rejects.toMatchObject({ code: 'sweep.ended' });
  }, 120_000);

  it('[SWEEP-17] [SWEEP-21] what cannot be searched is refused by name; the schema of the file is public', async () => {
    const refused = async (change: object): Promise<unknown> =>
      lab.api('POST', '/sweeps', { file: { ...file, ...change } }).catch((error: { code?: string }) => error.code);
    expect(await refused({ recipes: ['nothing'] })).toBe('recipe.unknown');
    expect(await refused({ recipes: [{ recipe: 'fp16', vary: { 'prune-magnitude.sparsity': [0.5] } }] })).toBe(
      'sweep.invalid',
    );
    expect(await refused({ models: ['nothing'] })).toBe('request.not-found');
    expect(await refused({ selector: { labels: { rack: 'none' } } })).toBe('device.none-match');
    expect(await refused({ settings: { runtimes: ['tflite'] } })).toBe('sweep.empty');
    expect(await refused({ objectives: [{ metric: 'latency_p50_ms' }, { metric: 'transfer_bytes' }] })).toBe(
      'sweep.invalid',
    );
    expect(await refused({ constraints: ['accuracy is good'] })).toBe('sweep.invalid');
    expect(await refused({ colour: 'red' })).toBe('request.invalid');
    const schema = await lab.raw('GET', '/api/sweep.schema.json', { token: '' });
    expect(await schema.json()).toEqual(
      JSON.parse(readFileSync(join(root, 'contracts/docs/sweep.schema.json'), 'utf8')),
    );
  });
});
