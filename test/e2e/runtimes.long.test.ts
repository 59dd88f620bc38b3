import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Frontier, type Job, type Run } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, root, startLab, type TestLab } from '../support/lab.js';

const rogues = ['crashes', 'babbles', 'lies', 'hangs'];

describe('runtimes of a person', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    const rogue = join(root, 'test/support/rogue-runtime.mjs');
    const programs = [
      `own=${process.execPath} ${example('external-runtime/run-onnx.mjs')}`,
      ...rogues.map((way) => `${way}=${process.execPath} ${rogue} ${way}`),
    ];
    await Promise.all([
      lab.agent('bench', { args: programs.flatMap((program) => ['--runtime', program]) }),
      lab.pushSample(),
    ]);
  }, 120_000);
  afterAll(() => lab.stop());

  const submit = (...runtimes: Array<string | undefined>): Promise<Job> =>
    lab.submit({
      model: 'sample',
      recipes: ['fp32'],
      protocol: 'quick',
      evaluationItems: 100,
      settings: runtimes.map((runtime) => ({ threads: 1, graphLevel: 'all', ...(runtime && { runtime }) })),
    });

  it('[RT-13] a job with two runtimes gives a point for each, with the same predictions', async () => {
    const { runtimes } = (await lab.device('bench')).facts;
    expect(runtimes.map(({ name, id }) => id ?? name)).toEqual(['onnxruntime', 'own', ...rogues]);
    const job = await submit(undefined, 'own');
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    const runs = await lab.runs(job.id);
    const named = (runtime?: string): Run => runs.find(({ settings }) => settings.runtime === runtime)!;
    expect([named(), named('own')].map(({ environment }) => environment!.runtime.name)).toEqual(['onnxruntime', 'own']);
    for (const { metrics } of runs) expect([metrics.latency_p50_ms!.n, metrics.accuracy!.n]).toEqual([3, 100]);
    expect(named('own').metrics.accuracy!.value).toBe(named().metrics.accuracy!.value);
    const [frontier] = Frontier.parse(await lab.frontier('model=sample&y=accuracy')).devices;
    expect(frontier!.points.map(({ settings }) => settings.runtime).sort()).toEqual(['own', undefined]);
  }, 60_000);

  it('[RT-13] a program that crashes, talks nonsense or lies ends its run alone, with the code of what it did', async () => {
    const job = await submit('crashes', 'babbles', 'lies');
    expect((await lab.ended(job.id)).state).toBe('failed');
    const codes = (await lab.runs(job.id)).map(({ settings, error }) => [settings.runtime, error?.code]);
    expect(Object.fromEntries(codes)).toEqual({
      crashes: 'run.crashed',
      babbles: 'runtime.protocol',
      lies: 'run.output-invalid',
    });
  }, 60_000);

  it('[RT-13] one that hangs is ended with its job, and the device goes on: `hilltop run --runtime` gives a point', async () => {
    const job = await submit('hangs');
    const watch = lab.watch(`job/${job.id}`);
    await watch.until((e) => [...e.run.values()].find(({ state }) => state === 'running'));
    await lab.api('POST', `/jobs/${job.id}/cancel`, {});
    expect((await lab.ended(job.id)).state).toBe('cancelled');
    const words = 'run -m sample -r fp32 -d bench --protocol quick --items 64 --runtime own --wait'.split(' ');
    // Not in step: the coordinator and the agent write what this process has to read.
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'bin/hilltop.mjs'), ...words], {
      env: { ...process.env, NODE_OPTIONS: '', HILLTOP_URL: lab.url, HILLTOP_TOKEN: lab.token, NO_COLOR: '1' },
    });
    expect(stdout).toMatch(/● succeeded/);
    expect((await lab.device('bench')).state).toBe('available');
  }, 60_000);
});
