import { mulberry32 } from '@hilltop/contracts';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { actor, SweepBench } from './testing/sweep-bench.js';
import { sweepFile } from './testing/sweep-file.js';

jest.setTimeout(120_000);

const recipes = ['fp32', 'fp16', 'int8-weights', 'int8-dynamic'];

describe('sweeps over restarts', () => {
  let bench: SweepBench;
  afterEach(() => bench?.close());

  it('[SWEEP-8] restarted at every step it makes the same trials, each once', async () => {
    bench = await SweepBench.start(['pi-a']);
    const { id } = await bench.create({ recipes });
    bench = await bench.restart();
    expect(await bench.service.show(id)).toMatchObject({ state: 'preparing' });
    await bench.build();
    while ((await bench.busy()).length > 0) {
      bench = await bench.restart();
      await bench.answer('pi-a');
    }
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded', used: { runs: 5 } });
    expect(await bench.story(id)).toEqual([
      'fp32/1@pi-a#1 control succeeded',
      'fp16/1@pi-a#1 grid succeeded',
      'int8-weights/1@pi-a#1 grid succeeded',
      'int8-dynamic/1@pi-a#1 grid succeeded',
      'fp32/1@pi-a#2 control succeeded',
    ]);
    expect(await bench.breaches(id)).toEqual([]);
  });

  it('[SWEEP-8] killed between choosing a trial and submitting it, it is submitted after the start', async () => {
    bench = await SweepBench.start(['pi-a'], { submitFails: true });
    const { id } = await bench.create({ recipes: ['fp16'] });
    await bench.build();
    expect((await bench.trials(id)).map(({ state, jobId }) => [state, jobId])).toEqual([
      ['proposed', undefined],
      ['proposed', undefined],
    ]);
    bench = await bench.restart({});
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded', trials: { total: 3, succeeded: 3 } });
    expect(await bench.breaches(id)).toEqual([]);
  });

  it('[SWEEP-6] [SWEEP-7] paused and cancelled sweeps are that after a restart, too', async () => {
    bench = await SweepBench.start(['pi-a']);
    const paused = await bench.create({ recipes });
    await bench.build();
    await bench.service.pause(actor, paused.id);
    bench = await bench.restart();
    await bench.play();
    expect(await bench.service.show(paused.id)).toMatchObject({ state: 'paused', trials: { open: 0, total: 2 } });
    await bench.service.resume(actor, paused.id);
    await bench.service.cancel(actor, paused.id);
    bench = await bench.restart();
    await bench.play();
    expect(await bench.service.show(paused.id)).toMatchObject({ state: 'cancelled', trials: { open: 0 } });
  });

  it('[SWEEP-19] a changed file: what is still meant stays, what waits and is not is skipped, what is done stays done', async () => {
    bench = await SweepBench.start(['pi-a']);
    const { id } = await bench.create({ recipes });
    await bench.build();
    await bench.answer('pi-a');
    await bench.answer('pi-a');
    // fp32 and fp16 are done, int8-weights is measured, int8-dynamic waits.
    const changed = await bench.service.update(
      actor,
      id,
      sweepFile({ recipes: ['fp16', 'int8-weights', 'optimized'], name: 'other' }),
    );
    expect(changed).toMatchObject({ revision: 2, name: 'other', state: 'preparing' });
    await bench.build();
    await bench.play();
    expect(await bench.service.show(id)).toMatchObject({ state: 'succeeded', revision: 2 });
    expect(await bench.story(id)).toEqual([
      'fp32/1@pi-a#1 control succeeded',
      'fp16/1@pi-a#1 grid succeeded',
      'int8-weights/1@pi-a#1 grid succeeded',
      'int8-dynamic/1@pi-a#1 grid skipped',
      'optimized/1@pi-a#1 grid succeeded',
      'fp32/1@pi-a#2 control succeeded',
    ]);
    await expect(bench.service.update(actor, id, sweepFile())).rejects.toMatchObject({ code: 'sweep.ended' });
  });

  it('[SWEEP-8] whatever is done to it in whatever order, every trial is made once', async () => {
    const seed = Number(process.env['HILLTOP_SEED'] ?? 20261124);
    const random = mulberry32(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    bench = await SweepBench.start(['pi-a', 'pi-b']);
    const { id } = await bench.create({ recipes, settings: { threads: [1, 2] }, sampler: { name: 'random', seed } });
    const log: string[] = [];
    for (let step = 0; step < 25; step++) {
      const what = pick(['answer', 'answer', 'answer', 'restart', 'pause', 'resume', 'build', 'change'] as const);
      log.push(what);
      if (what === 'restart') bench = await bench.restart();
      else if (what === 'build') await bench.build();
      else if (what === 'answer') {
        const busy = await bench.busy();
        if (busy.length > 0) await bench.answer(pick(busy));
      } else {
        const file = sweepFile({
          recipes: recipes.filter((recipe) => recipe === 'fp16' || random() < 0.7),
          settings: { threads: [1, 2] },
          sampler: { name: 'random', seed },
        });
        const act = {
          pause: () => bench.service.pause(actor, id),
          resume: () => bench.service.resume(actor, id),
          change: () => bench.service.update(actor, id, file),
        }[what];
        await act().catch((error: { code?: string }) => {
          if (error.code !== 'sweep.ended') throw error;
        });
      }
      expect({ seed, log, breaches: await bench.breaches(id) }).toMatchObject({ breaches: [] });
    }
    await bench.build();
    await bench.service.resume(actor, id).catch(() => undefined);
    await bench.play();
    const sweep = await bench.service.show(id);
    expect({ seed, log, state: sweep.state, open: sweep.trials.open }).toMatchObject({ state: 'succeeded', open: 0 });
    expect({ seed, log, breaches: await bench.breaches(id) }).toMatchObject({ breaches: [] });
  });
});
