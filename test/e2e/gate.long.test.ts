import { readFileSync } from 'node:fs';
import type { Baseline, Gate, Report, Sweep } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, startLab, type TestLab } from '../support/lab.js';

const file = {
  name: 'night',
  models: ['sample'],
  recipes: ['fp16'],
  protocol: 'quick',
  repeats: 0,
  evaluationItems: 20,
  sampler: { name: 'grid' },
  objectives: [{ metric: 'accuracy' }, { metric: 'size_bytes' }],
  healthCheck: false,
} as const;

describe('a gate between two nights', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.agent('bench-1');
    await lab.push('sample', {
      model: readFileSync(example('models/fashion-resnet-micro.onnx')),
      evaluation: readFileSync(example('data/fashion-validation.npz')),
    });
  }, 120_000);
  afterAll(() => lab.stop());

  const night = async (): Promise<string> => {
    const { id } = await lab.api<Sweep>('POST', '/sweeps', { file });
    const ended = await lab
      .watch(`sweep/${id}`)
      .until((e) => [...e.sweep.values()].find((sweep) => sweep.endedAt !== undefined), 120_000);
    expect(ended.state).toBe('succeeded');
    return id;
  };

  it('[GATE-21] the same answers and sizes are the same, whatever else ran on the machine', async () => {
    const [first, second] = [await night(), await night()];
    const baseline = await lab.api<Baseline>('POST', '/baselines', { name: 'v1', sweep: first });
    const gate = await lab.api<Gate>('POST', '/gates', { sweep: second, baseline: baseline.name });
    expect(gate.verdict).toBe('same');
    expect(gate.missing).toEqual([]);
    expect(gate.rows.map(({ recipe, metric, verdict, test }) => [recipe, metric, verdict, test]).sort()).toEqual(
      ['fp16', 'fp32'].flatMap((recipe) =>
        ['accuracy', 'size_bytes'].map((metric) => [recipe, metric, 'same', 'exact']),
      ),
    );
    const report = await lab.api<Report>('GET', `/gates/${gate.id}/report?format=json`);
    expect(report).toMatchObject({ gate: { id: gate.id }, sweep: { id: second } });
    // Latency, if a night was quiet enough to have any: one run each says nothing of 1 %, and never an alarm of 300 %.
    const latency = await lab
      .api<Gate>('POST', '/gates', { sweep: second, baseline: 'v1', metrics: ['latency_p50_ms'], maxRegression: 1 })
      .catch((error: { code?: string }) => error.code);
    if (typeof latency === 'string') expect(latency).toBe('gate.no-overlap');
    else expect(latency!.counts.worse).toBe(0);
    const { items } = await lab.api<{ items: object[] }>('GET', '/gates/trends?sweep=night&metrics=accuracy');
    expect(items).toMatchObject([{ nights: [{}, {}] }, { nights: [{}, {}] }]);
  }, 240_000);
});
