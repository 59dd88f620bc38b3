import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Signal } from '../links/signal.js';
import { HealthDoor } from './health-door.js';
import { grid } from './samplers/grid.js';
import type { Sampler } from './samplers/sampler.js';
import { SweepBench } from './testing/sweep-bench.js';

// A database, a ledger and a dispatcher a test, beside whatever else this machine does.
jest.setTimeout(60_000);

/** Recipes that need no data. */
const recipes = ['fp32', 'fp16', 'int8-weights', 'int8-dynamic'];

class ScriptedHealth extends HealthDoor {
  override readonly checked = new Signal<{ deviceId: string; healthy: boolean }>();
  readonly asked: string[] = [];
  answer: 'ready' | 'waiting' | 'refused' = 'waiting';

  override async ensureHealthy(deviceIds: readonly string[]) {
    this.asked.push(...deviceIds);
    const ids = [...deviceIds];
    return {
      ready: this.answer === 'ready' ? ids : [],
      waiting: this.answer === 'waiting' ? ids : [],
      refused:
        this.answer === 'refused'
          ? ids.map((deviceId) => ({ deviceId, code: 'device.quarantined', message: 'ill' }))
          : [],
    };
  }
}

describe('sweeps', () => {
  let bench: SweepBench;
  afterEach(() => bench?.close());

  const begun = async (file: Parameters<SweepBench['create']>[0] = {}): Promise<string> => {
    const { id } = await bench.create({ recipes, ...file });
    await bench.build();
    return id;
  };

  it('[SWEEP-1] [SWEEP-2] measures every point of a grid once, the control first and last on each device', async () => {
    bench = await SweepBench.start(['pi-a', 'pi-b']);
    const id = await begun({ recipes: ['fp32', 'fp16', 'int8-static'] });
    await bench.play();
    const sweep = await bench.service.show(id);
    expect(sweep).toMatchObject({
      state: 'succeeded',
      used: { runs: 8 },
      trials: { total: 8, open: 0, succeeded: 8, failed: 0 },
      places: [
        { deviceName: 'pi-a', points: 3, measured: 4, ended: true, hypervolume: expect.any(Number) },
        { deviceName: 'pi-b', points: 3, measured: 4, ended: true, hypervolume: expect.any(Number) },
      ],
    });
    expect((await bench.story(id)).filter((line) => line.includes('@pi-a'))).toEqual([
      'fp32/1@pi-a#1 control succeeded',
      'fp16/1@pi-a#1 grid succeeded',
      'int8-static/1@pi-a#1 grid succeeded',
      'fp32/1@pi-a#2 control succeeded',
    ]);
    expect(await bench.breaches(id)).toEqual([]);
    expect(bench.announced).toEqual([id]);
  });

  it('[SWEEP-24] a point is measured as often as the file says, in one trial', async () => {
    bench = await SweepBench.start(['pi-a']);
    const id = await begun({ recipes: ['fp32', 'fp16'], replicates: 3 });
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({
      state: 'succeeded',
      used: { runs: 9 },
      trials: { total: 3, succeeded: 3 },
    });
  });

  it('[SWEEP-3] is preparing until its variants are built; one that failed fails its points and nothing else', async () => {
    bench = await SweepBench.start(['pi-a']);
    const { id } = await bench.create({ recipes });
    await bench.settled();
    expect(await bench.service.show(id)).toMatchObject({ state: 'preparing', note: expect.stringContaining('0 of 4') });
    await bench.build((recipe) => (recipe === 'fp16' ? 'failed' : 'ready'));
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({
      state: 'succeeded',
      used: { runs: 4 },
      trials: { succeeded: 4, failed: 1 },
    });
    const failed = (await bench.trials(id)).find(({ state }) => state === 'failed')!;
    expect(failed).toMatchObject({ recipe: 'fp16', error: { code: 'pass.failed', cause: 'user' } });
    expect(failed.jobId).toBeUndefined();
  });

  it('[SWEEP-4] a budget of runs is not exceeded, and the last control is part of it', async () => {
    bench = await SweepBench.start(['pi-a']);
    const id = await begun({ settings: { threads: [1, 2, 3] }, budget: { runs: 5 } });
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded', used: { runs: 5 } });
    expect((await bench.story(id)).map((line) => line.split(' ')[1])).toEqual([
      'control',
      'grid',
      'grid',
      'grid',
      'control',
    ]);
  });

  it('[SWEEP-4] when its time is up, what waits is not begun', async () => {
    bench = await SweepBench.start(['pi-a']);
    const id = await begun({ budget: { wallMinutes: 10 } });
    await bench.answer('pi-a');
    expect((await bench.service.show(id)).trials.open).toBe(2);
    await bench.pass(10 * 60_000);
    // One is measured now and ends as it would.
    expect((await bench.service.show(id)).trials.open).toBe(1);
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({
      state: 'succeeded',
      trials: { total: 3, succeeded: 2, skipped: 1, open: 0 },
      note: expect.stringContaining('10 minutes'),
    });
  });

  it('[SWEEP-5] ends on a device where its last trials gained too little', async () => {
    bench = await SweepBench.start(['pi-a'], {
      outcome: (run) => ({ metrics: { latency_p50_ms: run.recipe === 'fp16' ? 5 : 10, accuracy: 0.9 } }),
    });
    const id = await begun({ settings: { threads: [1, 2, 3] }, stop: { trials: 3, gain: 0.01 } });
    await bench.play();
    const trials = await bench.trials(id);
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded', note: expect.stringContaining('last 3') });
    expect(trials.length).toBeLessThan(13);
    expect(trials[0]!.hypervolume).toBe(1);
    expect(trials.at(-1)!.hypervolume).toBeGreaterThan(1);
  });

  it('[SWEEP-6] paused it begins nothing new, and goes on where it was', async () => {
    bench = await SweepBench.start(['pi-a']);
    const id = await begun();
    await bench.answer('pi-a');
    expect(await bench.service.pause({ tokenId: 't', role: 'operator', name: 'Ada' }, id)).toMatchObject({
      state: 'paused',
    });
    await bench.play();
    expect((await bench.service.show(id)).trials).toMatchObject({ open: 0, total: 3 });
    await bench.service.resume({ tokenId: 't', role: 'operator', name: 'Ada' }, id);
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded', trials: { succeeded: 5 } });
    expect(await bench.breaches(id)).toEqual([]);
  });

  it('[SWEEP-7] cancelled it has ended at once: what waits never starts, what runs is told to stop', async () => {
    bench = await SweepBench.start(['pi-a']);
    const id = await begun();
    await bench.answer('pi-a');
    const cancelled = await bench.service.cancel({ tokenId: 't', role: 'operator', name: 'Ada' }, id, 'enough');
    expect(cancelled).toMatchObject({ state: 'cancelled', note: expect.stringContaining('enough') });
    await bench.settled();
    expect(bench.runs.told('pi-a', 'down/run.cancel')).toHaveLength(1);
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({ trials: { open: 0, succeeded: 1, skipped: 2 } });
    expect(bench.announced).toEqual([id]);
    await expect(bench.service.resume({ tokenId: 't', role: 'operator', name: 'Ada' }, id)).rejects.toMatchObject({
      code: 'sweep.ended',
    });
  });

  it('[SWEEP-9] a failed trial is one result like another; without any success the sweep has failed', async () => {
    const crash = { code: 'run.crashed', message: 'crashed', cause: 'user' as const };
    bench = await SweepBench.start(['pi-a'], {
      outcome: (run) => (run.recipe === 'fp16' ? { error: crash } : { metrics: { latency_p50_ms: 1, accuracy: 0.5 } }),
    });
    const some = await begun();
    await bench.play();
    expect(await bench.service.show(some)).toMatchObject({ state: 'succeeded', trials: { failed: 1, succeeded: 4 } });
    const none = await begun({ recipes: ['fp16'], control: 'fp16' });
    await bench.play();
    expect(await bench.service.show(none)).toMatchObject({
      state: 'failed',
      error: { code: 'run.crashed' },
      trials: { failed: 1, total: 1 },
    });
  });

  it('[SWEEP-10] of a disturbed run and its repetitions the last counts, and all of them cost', async () => {
    let first = true;
    bench = await SweepBench.start(['pi-a'], {
      outcome: (run) => {
        const disturbed = run.repeatOf === null && run.recipe === 'fp16' && first;
        return { metrics: { latency_p50_ms: run.repeatOf === null ? 9 : 5, accuracy: 0.5 }, disturbed };
      },
    });
    const id = await begun({ recipes: ['fp16'], repeats: 1 });
    await bench.play();
    first = false;
    const trial = (await bench.trials(id)).find(({ recipe }) => recipe === 'fp16')!;
    expect(trial).toMatchObject({ state: 'succeeded', metrics: { latency_p50_ms: { value: 5 } } });
    expect((await bench.service.show(id)).used.runs).toBe(4);
    expect(await bench.breaches(id)).toEqual([]);
  });

  it('[SWEEP-11] a device is searched when its health check says so, and not at all when that refuses it', async () => {
    const health = new ScriptedHealth();
    bench = await SweepBench.start(['pi-a'], { health });
    const id = await begun();
    expect(await bench.busy()).toEqual([]);
    expect((await bench.service.show(id)).places[0]).toMatchObject({ ended: false, note: expect.any(String) });
    health.answer = 'ready';
    health.checked.emit({ deviceId: health.asked[0]!, healthy: true });
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded' });
    health.answer = 'refused';
    const ill = await begun({ name: 'ill' });
    await bench.settled();
    expect(await bench.service.show(ill)).toMatchObject({ state: 'failed', places: [{ ended: true, note: 'ill' }] });
  });

  it('[SWEEP-12] one sweep that stumbles holds up no other, and is tried again with growing pauses', async () => {
    let broken = true;
    let asked = 0;
    const fragile: Sampler = {
      name: 'random',
      next: (state, deviceId) => {
        asked++;
        if (broken) throw new Error('no idea');
        return grid.next(state, deviceId);
      },
    };
    bench = await SweepBench.start(['pi-a'], { samplers: { grid, random: fragile } });
    const bad = await begun({ sampler: { name: 'random' }, recipes: ['fp16'] });
    const good = await begun({ recipes: ['fp16'] });
    await bench.play();
    expect(await bench.service.show(good)).toMatchObject({ state: 'succeeded' });
    expect(await bench.service.show(bad)).toMatchObject({ state: 'running', note: expect.stringContaining('no idea') });
    const before = asked;
    for (let i = 0; i < 5; i++) await bench.pass(0);
    expect(asked).toBe(before);
    broken = false;
    await bench.pass(120_000);
    await bench.play();
    expect(await bench.service.show(bad)).toMatchObject({ state: 'succeeded' });
  });
});
