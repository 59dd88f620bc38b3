import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sweep, SweepPreview, type Trial } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root, startLab, type TestLab } from '../support/lab.js';

let lab: TestLab;
beforeAll(async () => {
  lab = await startLab();
  await lab.agent('bench-1');
  await lab.pushSample();
}, 60_000);
afterAll(() => lab.stop());

/** The command line in a process of its own; never rejects. */
function hilltop(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const env = { ...process.env, NODE_OPTIONS: '', HOME: lab.home, HILLTOP_URL: lab.url, HILLTOP_TOKEN: lab.token };
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'bin/hilltop.mjs'), ...args], { env }, (error, out, err) =>
      resolve({ status: error ? Number(error.code) : 0, out, err }),
    ),
  );
}

const file = `name: night
models: [sample]
recipes: [int8-weights]
protocol: quick
evaluationItems: 64
healthCheck: false
sampler: {name: grid}
`;

describe('hilltop sweep', () => {
  it('[SFILE-11] from a file to the frontier: what would be tried, then each trial with its reason, once', async () => {
    const path = join(lab.home, 'night.yaml');
    writeFileSync(path, file);
    const preview = await hilltop('sweep', 'run', path, '--dry-run', '--json');
    expect(SweepPreview.parse(JSON.parse(preview.out))).toMatchObject({
      places: [{ deviceName: 'bench-1', points: 2 }],
    });
    expect((await lab.api<{ items: Sweep[] }>('GET', '/sweeps')).items).toEqual([]);

    const run = await hilltop('sweep', 'run', path, '--wait', '--json');
    expect([run.status, run.err]).toEqual([0, expect.stringContaining('control: ')]);
    const sweep = Sweep.parse(JSON.parse(run.out));
    expect(sweep).toMatchObject({ name: 'night', state: 'succeeded', trials: { open: 0, failed: 0 } });
    const { items } = await lab.api<{ items: Trial[] }>('GET', `/sweeps/${sweep.id}/trials?limit=100`);
    expect(items.map(({ recipe }) => recipe).sort()).toEqual(['fp32', 'fp32', 'int8-weights']);
    // Each trial is told once, with why it was chosen.
    for (const { number, why } of items)
      expect(run.err.split('\n').filter((line) => line.includes(`#${number} `) && line.endsWith(why))).toHaveLength(1);

    const shown = await hilltop('sweep', 'show', 'night', '--wait');
    expect(shown).toMatchObject({ status: 0, out: expect.stringMatching(/^bench-1: sample, protocol quick/m) });
    expect((await hilltop('sweep', 'resume', 'night')).status).toBe(1);
  }, 60_000);
});
