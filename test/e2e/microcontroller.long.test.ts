import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConsoleDocument,
  type Device,
  Frontier,
  type PlanDocument,
  Run,
  readPlan,
  type Variant,
} from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { root, startLab, type TestLab } from '../support/lab.js';
import { screenFaults } from '../support/screen-faults.js';

const recipes = ['int8-static', 'int8-tensor', 'prune-channels-25+int8'];

/** An emulated Raspberry Pi Pico beside this machine, as `npm start` has it: needs nothing but Node. */
describe('a microcontroller', () => {
  let lab: TestLab;
  let pico: Device;
  let runs: Run[];
  beforeAll(async () => {
    lab = await startLab();
    await lab.agent('bench', { args: ['--emulate', 'pico'] });
    await lab.pushSample();
    pico = await lab
      .watch('lab')
      .until(
        (e) => [...e.device.values()].find((d) => d.kind === 'microcontroller' && d.state === 'available'),
        60_000,
      );
  }, 180_000);
  afterAll(() => lab.stop());

  const of = (deviceId: string, recipe: string): Run =>
    runs.find((r) => r.deviceId === deviceId && r.recipe === recipe)!;
  const predicted = async (run: Run): Promise<Map<number, number>> => {
    const { columns } = await lab.api<{ columns: { item: number[]; predicted: number[] } }>(
      'GET',
      `/runs/${run.id}/observations?kind=item`,
    );
    return new Map(columns.item.map((item, i) => [item, columns.predicted[i]!]));
  };

  it('[MCU-41] [MCU-42] [MCU-44] is a device like any other: plans run there, what has none fails with the node', async () => {
    expect(pico).toMatchObject({ emulated: true, facts: { mcu: { driver: 'smp', ramBytes: expect.any(Number) } } });
    const job = await lab.submit({ model: 'sample', recipes: ['fp32', ...recipes], protocol: 'quick' });
    const ended = await lab.ended(job.id, 400_000);
    runs = (await lab.runs(job.id)).map((run) => Run.parse(run));
    expect([ended.state, ended.counts.succeeded, ended.counts.failed]).toEqual(['failed', 7, 1]);
    expect(of(pico.id, 'fp32').error).toMatchObject({ code: 'plan.unsupported', cause: 'user' });
    expect(of(pico.id, 'fp32').error!.message).toMatch(/Conv/);
    const variants = (await lab.api<{ items: Variant[] }>('GET', '/variants?model=sample')).items;
    for (const recipe of recipes) {
      const run = of(pico.id, recipe);
      const plan = variants.find((variant) => variant.recipe === recipe)!.plan!;
      expect([run.state, run.verdict?.verdict, run.artifact]).toEqual([
        'succeeded',
        'clean',
        { sha256: plan.sha256, bytes: plan.bytes },
      ]);
      const { cycles, latency_p50_ms, accuracy, arena_bytes, size_bytes } = run.metrics;
      expect([cycles!.low, cycles!.high]).toEqual([cycles!.value, cycles!.value]);
      expect(latency_p50_ms!.value).toBeCloseTo((cycles!.value / pico.facts.mcu!.hz!) * 1000, 3);
      expect(accuracy!.n).toBeGreaterThanOrEqual(64);
      expect([arena_bytes!.value, size_bytes!.value]).toEqual([plan.arenaBytes, plan.bytes]);
    }
  }, 480_000);

  it('[MCU-45] says on the device what ONNX Runtime says of the same variant', async () => {
    const host = runs.find((run) => run.deviceId !== pico.id)!.deviceId;
    for (const recipe of recipes) {
      const [there, here] = await Promise.all([predicted(of(pico.id, recipe)), predicted(of(host, recipe))]);
      const different = [...there].filter(([item, label]) => here.get(item) !== label);
      expect([recipe, there.size >= 64, different.length / there.size < 0.03]).toEqual([recipe, true, true]);
    }
  });

  it('[MCU-46] is never measured at the same time as the machine that emulates it', () => {
    const times = runs
      .filter((run) => run.claimedAt)
      .map((run) => ({ on: run.deviceId, from: Date.parse(run.claimedAt!), to: Date.parse(run.endedAt!) }));
    const overlaps = times.flatMap((a) => times.filter((b) => a.on !== b.on && a.from < b.to && b.from < a.to));
    expect(overlaps).toEqual([]);
    expect(new Set(times.map(({ on }) => on)).size).toBe(2);
  });

  it('[MCU-44] counts the same again', async () => {
    const job = await lab.submit({
      model: 'sample',
      recipes: [recipes[0]!],
      selector: { devices: [pico.id], labels: {} },
      protocol: 'quick',
      evaluationItems: 64,
    });
    expect((await lab.ended(job.id, 200_000)).state).toBe('succeeded');
    const [again] = await lab.runs(job.id);
    const ticks = async (run: Run): Promise<number[]> =>
      (await lab.api<{ columns: { ticks: number[] } }>('GET', `/runs/${run.id}/observations?kind=ticks`)).columns.ticks;
    // Of the first labelled image, which is not black; every loop of both runs, to the cycle.
    const [before, after] = await Promise.all([ticks(of(pico.id, recipes[0]!)), ticks(again!)]);
    expect([before!.length, new Set([...before!, ...after!]).size]).toEqual([after!.length, 1]);
    expect(again!.metrics.accuracy!.n).toBe(64);
  }, 240_000);

  it('[MCU-49] has a frontier of its own, marked as emulated, without fp32 and without a volume', async () => {
    const frontier = Frontier.parse(await lab.frontier(`model=sample&device=${pico.id}&x=cycles&y=accuracy`));
    const [device] = frontier.devices;
    expect([device!.device.emulated, device!.hypervolume]).toEqual([true, undefined]);
    expect(device!.points.map((point) => point.recipe).sort()).toEqual([...recipes].sort());
    expect(device!.points.some((point) => point.status === 'on')).toBe(true);
    const apart = await lab.frontier('model=sample&fleet=true');
    expect(apart.fleet!.map((fleet) => fleet.emulated)).toEqual([false, true]);
  });

  it('[MCU-50] [MCU-53] its plan is taken home as it is, as C, and drawn as in the guide', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hilltop-plan-'));
    const { items } = await lab.api<{ items: Variant[] }>('GET', '/variants?model=sample');
    const id = (recipe: string): string => items.find((variant) => variant.recipe === recipe)!.id;
    const get = (recipe: string, format: string) =>
      spawnSync(
        process.execPath,
        [
          join(root, 'bin/hilltop.mjs'),
          'artifact',
          'get',
          id(recipe),
          '--format',
          format,
          '-o',
          join(folder, format),
          '--json',
        ],
        { env: { ...process.env, HILLTOP_URL: lab.url, HILLTOP_TOKEN: lab.token, HOME: folder }, encoding: 'utf8' },
      );
    try {
      expect(get('int8-static', 'plan').status).toBe(0);
      const bytes = readFileSync(join(folder, 'plan'));
      const plan = await lab.api<PlanDocument>('GET', `/variants/${id('int8-static')}/plan`);
      expect([createHash('sha256').update(bytes).digest('hex'), readPlan(bytes).arenaBytes]).toEqual([
        plan.sha256,
        plan.arenaBytes,
      ]);
      for (const { offset, bytes: size } of plan.memory.rectangles)
        expect(offset + size).toBeLessThanOrEqual(plan.arenaBytes);
      expect(get('int8-static', 'c').status).toBe(0);
      const listed = readFileSync(join(folder, 'c'), 'utf8').match(/0x[0-9a-f]{2}(?=,)/g)!;
      expect(Buffer.from(listed.map(Number)).equals(bytes)).toBe(true);
      expect(get('int8-static', 'svg').status).toBe(0);
      // [MCU-53] Places depend on shapes alone, so every machine draws the same.
      const guide = readFileSync(join(root, 'docs/images/memory-plan.svg'), 'utf8');
      expect(readFileSync(join(folder, 'svg'), 'utf8').replaceAll('sample-int8', 'fashion-resnet-micro-int8')).toBe(
        guide,
      );
      const refused = get('fp32', 'plan');
      expect([refused.status, JSON.parse(refused.stdout).code]).toEqual([1, 'plan.unsupported']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  it('[MCU-48] what it prints can be read, of the device and of each run', async () => {
    const documents = await Promise.all(
      [`/devices/${pico.name}/console`, `/runs/${of(pico.id, recipes[0]!).id}/console`].map((path) =>
        lab.api('GET', path),
      ),
    );
    for (const document of documents) expect(() => ConsoleDocument.parse(document)).not.toThrow();
  });

  describeWithBrowser('on the page', () => {
    let browser: Awaited<ReturnType<typeof openBrowser>>;
    beforeAll(async () => {
      browser = await openBrowser();
      await browser.page.goto(lab.signInUrl);
      await browser.page.waitForSelector('[data-testid="connection-pill"]');
    }, 60_000);
    afterAll(() => browser.close());

    const panel = (name: string) => browser.page.locator(`[data-panel="${name}"]`);

    it('[MCU-51] [MCU-54] is said to be emulated, and shows cycles by operator, its frontier and the memory plan', async () => {
      const { page } = browser;
      const run = of(pico.id, recipes[0]!);
      await page.goto(`${lab.url}/runs/${run.id}`);
      await panel('layers').getByRole('row', { name: /dense/ }).waitFor({ timeout: 20_000 });
      expect(await panel('layers').getByRole('columnheader').allTextContents()).toEqual(
        expect.arrayContaining(['Operator', 'Cycles', 'Share', 'MACs', 'per MAC']),
      );
      expect(await page.locator('h1 ~ *', { hasText: 'emulated' }).count()).toBeGreaterThan(0);
      await page.goto(`${lab.url}/devices/${encodeURIComponent(pico.name)}`);
      await page.locator(`[data-testid="frontier-point-${recipes[0]}"]`).waitFor({ timeout: 20_000 });
      await page.goto(`${lab.url}/models/${run.modelId}`);
      await panel('memory-plan')
        .getByRole('img', { name: /Memory plan of/ })
        .waitFor({ timeout: 20_000 });
      // What cannot be there says why.
      await panel('memory-plan')
        .getByText(/not possible: .*Conv/)
        .waitFor({ timeout: 20_000 });
    }, 90_000);

    it('[MCU-54] its screens are without accessibility violations, in both themes and on a phone', async () => {
      const run = of(pico.id, recipes[0]!);
      const screens = [`/devices/${encodeURIComponent(pico.name)}`, `/models/${run.modelId}`, `/runs/${run.id}`];
      expect(await screenFaults(browser.page, lab.url, screens)).toEqual([]);
      expect(browser.errors).toEqual([]);
    }, 90_000);
  });
});
