import { readFileSync } from 'node:fs';
import { type Job, mulberry32, type Run, type Sweep, type Trial } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, startLab, type TestLab } from '../support/lab.js';
import type { JsonProcess } from '../support/process.js';
import { readTruth, truthBreaches } from '../support/truth.js';

// The whole night is HILLTOP_SWEEP_TRIALS=200; what runs with every change is the same in small.
const seed = Number(process.env['HILLTOP_SEED'] ?? 20261124);
const trials = Number(process.env['HILLTOP_SWEEP_TRIALS'] ?? 40);
const kills = Math.round(trials / 10);
const names = ['bench-1', 'bench-2'];

/** 13 recipes x 8 settings on two devices: more points than the budget lets it try. */
const file = {
  name: 'long night',
  models: ['sample'],
  recipes: [
    'fp32',
    'fp16',
    {
      recipe: 'prune-50',
      vary: { 'prune-magnitude.sparsity': [0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9] },
    },
  ],
  settings: { threads: [1, 2], graphLevels: ['all', 'basic', 'extended', 'disabled'] },
  selector: { devices: names },
  protocol: 'quick',
  evaluationItems: 8,
  sampler: { name: 'random', seed },
  budget: { runs: trials },
  healthCheck: false,
} as const;

describe('a night of accidents', () => {
  let lab: TestLab;
  const agents = new Map<string, JsonProcess>();
  beforeAll(async () => {
    lab = await startLab();
    for (const name of names) agents.set(name, await lab.agent(name));
    await lab.push('sample', {
      model: readFileSync(example('models/fashion-resnet-micro.onnx')),
      calibration: readFileSync(example('data/fashion-calibration.npz')),
      evaluation: readFileSync(example('data/fashion-validation.npz')),
    });
  }, 300_000);
  afterAll(() => lab.stop());

  /** Pages of a list. */
  const all = async <T>(path: string): Promise<T[]> => {
    const items: T[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const joined: string = `${path}${path.includes('?') ? '&' : '?'}limit=200${next && `&cursor=${encodeURIComponent(next)}`}`;
      const page: { items: T[]; next?: string } = await lab.api('GET', joined);
      items.push(...page.items);
      next = page.next;
    }
    return items;
  };

  it(`[SWEEP-20] ${trials} trials, ${kills} random kills of coordinator and agents: every trial exactly once`, async () => {
    const random = mulberry32(seed);
    console.info(`seed ${seed}`);
    const { id } = await lab.api<Sweep>('POST', '/sweeps', { file });
    const watch = lab.watch(`sweep/${id}`);
    const night = 3_600_000;
    for (let kill = 1; kill <= kills; kill++) {
      // So many trials have ended, and then so many more changes are heard: any step of any trial is hit.
      const ended = Math.floor(((kill - 1 + random()) * trials) / kills);
      let changes = Math.floor(random() * 8);
      await watch.until((e) => {
        const sweep = e.sweep.get(id);
        if (!sweep || sweep.trials.succeeded + sweep.trials.failed < Math.min(ended, trials - 4)) return undefined;
        return changes-- <= 0 || sweep.endedAt !== undefined ? true : undefined;
      }, night);
      if (random() < 0.5) {
        await lab.server.kill();
        await lab.start();
      } else {
        const name = names[Math.floor(random() * names.length)]!;
        await agents.get(name)!.kill();
        agents.set(name, await lab.agent(name, { token: '', wait: 'none' }));
      }
    }
    const sweep = await watch.until((e) => {
      const now = e.sweep.get(id);
      return now?.endedAt === undefined ? undefined : now;
    }, night);
    expect({ seed, ...sweep }).toMatchObject({
      state: 'succeeded',
      used: { runs: trials },
      trials: { total: trials, succeeded: trials, failed: 0, open: 0, skipped: 0 },
    });
    const made = await all<Trial>(`/sweeps/${id}/trials`);
    expect(made.map(({ number }) => number)).toEqual(Array.from({ length: trials }, (_, i) => i + 1));
    const keys = made.map((t) => JSON.stringify([t.recipe, t.settings, t.deviceId, t.protocol, t.replicate]));
    expect(new Set(keys).size).toBe(trials);
    for (const name of names) {
      const own = made.filter(({ deviceName }) => deviceName === name);
      expect([own[0]!.reason, own.at(-1)!.reason]).toEqual(['control', 'control']);
      // Chosen once, and once more only as the last control.
      expect(own.filter(({ replicate }) => replicate > 1)).toEqual([own.at(-1)]);
    }
    const jobs = (await all<Job>('/jobs')).filter(({ sweepId }) => sweepId === id);
    expect(new Set(jobs.map((job) => job.id))).toEqual(new Set(made.map(({ jobId }) => jobId)));
    const runs = await all<Run>('/runs');
    expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: trials }, () => 'succeeded'));
    expect(new Set(runs.map((run) => run.id))).toEqual(new Set(made.map(({ runId }) => runId)));
    const truth = readTruth(lab.truthFile);
    expect(truthBreaches(truth)).toEqual([]);
    for (const run of runs) {
      const counted = truth.filter((t) => t.runId === run.id && t.fence === run.fence && t.what === 'start');
      expect([run.id, counted.length]).toEqual([run.id, run.protocol.blocks]);
    }
  }, 7_200_000);
});
