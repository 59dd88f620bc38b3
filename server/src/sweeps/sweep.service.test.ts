import { Sweep, Trial } from '@hilltop/contracts';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { actor, SweepBench } from './testing/sweep-bench.js';
import { sweepFile } from './testing/sweep-file.js';

jest.setTimeout(60_000);

describe('SweepService', () => {
  let bench: SweepBench;
  afterEach(() => bench?.close());

  it('[SWEEP-18] recipes with varied parameters are the lab’s own from then on, and are found again', async () => {
    bench = await SweepBench.start(['pi-a']);
    const varied = { recipe: 'prune-50', vary: { 'prune-magnitude.sparsity': [0.3, 0.6] } };
    const file = { recipes: [varied, 'fp16'] };
    await bench.create(file);
    const names = ['prune-50-sparsity-0.3', 'prune-50-sparsity-0.6'];
    for (const name of names) expect((await bench.recipes.find(name)).steps.at(-1)!.pass).toBe('prune-magnitude');
    // A name that somebody has given to something else stays theirs.
    const other = { name: names[0]!, title: '', description: '', steps: [{ pass: 'fp16' as const, parameters: {} }] };
    await bench.recipes.add(actor, other);
    expect((await bench.service.preview(sweepFile(file))).recipes).toEqual([
      expect.stringMatching(/^prune-50-sparsity-0\.3-[0-9a-f]{8}$/),
      names[1],
      'fp16',
    ]);
  });

  it('[SWEEP-17] a dry run says how much there is to try, and makes nothing', async () => {
    bench = await SweepBench.start(['pi-a', 'pi-b']);
    const preview = await bench.service.preview(sweepFile({ settings: { threads: [1, 2] } }));
    expect(preview).toMatchObject({
      points: 12,
      places: [
        { deviceName: 'pi-a', modelName: 'net', points: 6 },
        { deviceName: 'pi-b', modelName: 'net', points: 6 },
      ],
    });
    expect(preview.estimatedDeviceMinutes).toBeUndefined();
    expect(await bench.service.list({ limit: 10 })).toEqual({ items: [] });
  });

  it.each([
    ['recipe.unknown', { recipes: ['nothing'] }],
    ['request.not-found', { models: ['nothing'] }],
    ['device.none-match', { selector: { labels: { rack: '9' } } }],
    ['sweep.empty', { settings: { runtimes: ['tflite'] } }],
    ['sweep.invalid', { constraints: ['good'] }],
    ['sweep.invalid', { objectives: [{ metric: 'latency_p50_ms' }, { metric: 'latency_p50_ms' }] }],
    ['sweep.invalid', { objectives: [{ metric: 'latency_p50_ms', direction: 'max' }, { metric: 'accuracy' }] }],
  ] as const)('[SWEEP-17] refuses by name: %s', async (code, change) => {
    bench = await SweepBench.start(['pi-a']);
    await expect(bench.create(change as never)).rejects.toMatchObject({ code });
    expect(await bench.service.list({ limit: 10 })).toEqual({ items: [] });
  });

  it('[SWEEP-22] [SWEEP-23] screens follow it and its trials; its model stays while it is searched', async () => {
    bench = await SweepBench.start(['pi-a']);
    const { id } = await bench.create();
    await bench.build();
    const whole = await bench.runs.live.snapshot(`sweep/${id}`);
    expect(whole.entities.map(({ kind }) => kind)).toEqual(['sweep', 'trial', 'trial']);
    expect(() => Sweep.parse(whole.entities[0]!.value)).not.toThrow();
    expect(() => Trial.parse(whole.entities[1]!.value)).not.toThrow();
    const lab = await bench.runs.live.snapshot('lab');
    expect(lab.entities.filter(({ kind }) => kind === 'sweep').map((each) => each.id)).toEqual([id]);
    await expect(bench.models.remove('net')).rejects.toMatchObject({ code: 'model.in-use' });
    await bench.play();
    await bench.models.remove('net');
    // What was found stays when the model is gone.
    expect((await bench.trials(id))[0]!.metrics.latency_p50_ms).toBeDefined();
    const { items, next } = await bench.service.trialPage(id, { limit: 2 });
    expect(items.map(({ number }) => number)).toEqual([1, 2]);
    const rest = await bench.service.trialPage(id, { limit: 9, cursor: next! });
    expect(rest.items.map(({ number }) => number)).toEqual([3, 4]);
    await expect(bench.service.show('swp_nothing1')).rejects.toMatchObject({ code: 'sweep.unknown' });
  });
});
