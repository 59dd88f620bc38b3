import { Frontier, Run } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLab, type TestLab } from '../support/lab.js';
import { readTruth, truthBreaches } from '../support/truth.js';

describe('the loop', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.agent('bench-1');
    await lab.pushSample();
  }, 120_000);
  afterAll(() => lab.stop());

  it('[LAB-21] takes a model to a frontier on a device: two recipes, two points, measured', async () => {
    const job = await lab.submit({ model: 'sample', recipes: ['fp32', 'int8-static'], protocol: 'quick' });
    const ended = await lab.ended(job.id);
    expect([ended.state, ended.counts.succeeded, ended.devices.map((d) => [d.deviceName, d.done, d.total])]).toEqual([
      'succeeded',
      2,
      [['bench-1', 2, 2]],
    ]);

    const runs = await lab.runs(job.id);
    for (const run of runs) {
      expect(() => Run.parse(run)).not.toThrow();
      expect(run.verdict!.evidence.length).toBeGreaterThan(3);
      expect(run.metrics.latency_p50_ms!.n).toBe(3);
      expect(run.metrics.accuracy!.n).toBe(1000);
      expect(run.metrics.memory_peak_bytes!.value).toBeGreaterThan(0);
      expect(run.floor!.latencyP50Ms).toBeGreaterThan(0);
    }

    const frontier = Frontier.parse(await lab.frontier('model=sample&x=size_bytes&y=accuracy'));
    const points = frontier.devices[0]!.points;
    expect(points.map((p) => p.recipe).sort()).toEqual(['fp32', 'int8-static']);
    expect(points.find((p) => p.recipe === 'int8-static')!.status).toBe('on');
    expect(frontier.devices[0]!.device).toEqual(expect.objectContaining({ name: 'bench-1', emulated: false }));
  }, 180_000);

  it('[RUN-20] executes each run once, on the artifact it names, one at a time', async () => {
    const runs = (await lab.api<{ items: Run[] }>('GET', '/runs?limit=200')).items;
    const truth = readTruth(lab.truthFile);
    expect(truthBreaches(truth)).toEqual([]);
    for (const run of runs) {
      const own = truth.filter((t) => t.runId === run.id && t.what === 'start');
      expect(own.length).toBe(run.protocol.blocks);
      expect(new Set(own.map((t) => t.sha256))).toEqual(new Set([run.artifact!.sha256]));
    }
  });

  it('[VAR-20] makes the same variant once: a second job reuses artifacts and runs anew', async () => {
    const before = await lab.api<{ items: { id: string }[] }>('GET', '/variants?model=sample');
    const job = await lab.submit({ model: 'sample', recipes: ['fp32'], protocol: 'quick' });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    expect(await lab.api<{ items: { id: string }[] }>('GET', '/variants?model=sample')).toEqual(before);
    // The artifact is in the agent's cache: nothing of it went over the wire again.
    expect((await lab.runs(job.id))[0]!.transferBytes).toBe(0);
  }, 120_000);

  it('[JOB-20] a cancelled job stops its runs, also the one that is measured now', async () => {
    const job = await lab.submit({ model: 'sample', recipes: ['fp32', 'int8-static'], protocol: 'strict' });
    const watch = lab.watch(`job/${job.id}`);
    await watch.until((e) => [...e.run.values()].find((r) => r.state === 'running'));
    await lab.api('POST', `/jobs/${job.id}/cancel`, {});
    await watch.until((e) => [...e.run.values()].every((r) => r.state === 'cancelled') || undefined);
    await lab.watch('lab').until((e) => [...e.device.values()].find((d) => d.state === 'available'));
  }, 120_000);
});
