// Firmware of the MLPerf Tiny benchmark, of somebody else: an independent text device behind a pseudo terminal, driven by the bridge and measured by a lab.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Device, Frontier, type PlanDocument, Run, readPlan, Variant } from '@hilltop/contracts';
import { openPort, openSmpBoard, probePort, TinyDevice } from '@hilltop/firmware-bridge';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BoardProcess } from '../support/board-process.js';
import { openBrowser } from '../support/browser.js';
import { describeWithBrowser } from '../support/describe-with-browser.js';
import { describeWithCompiler } from '../support/describe-with-qemu.js';
import { buildHostFirmware } from '../support/host-firmware.js';
import { example, root, startLab, type TestLab } from '../support/lab.js';
import { i64, npz, u8 } from '../support/npz.js';
import { describeWithPty, TinyPty } from '../support/tiny-pty.js';

const run = promisify(execFile);
const pixels = 28 * 28;
const classes = 10;

/** Images of ten classes that a device told apart by their centres gets right, but for those that lie between two. */
const centres = Array.from({ length: classes }, (_, c) =>
  Uint8Array.from({ length: pixels }, (_, i) => 100 + ((i * 7 + c * 31) % classes < 2 ? 40 : 0)),
);
const items = 96;
const between = (item: number): boolean => item % 8 === 5;
const image = (item: number, i: number): number => {
  const [own, next] = [centres[item % classes]![i]!, centres[(item + 1) % classes]![i]!];
  const noise = ((item * 131 + i * 17) % 23) - 11;
  // A little nearer to the other class.
  return (between(item) ? Math.round(own * 0.49 + next * 0.51) : own) + noise;
};
const evaluation = npz({
  x: u8([items, 1, 28, 28], (k) => image(Math.floor(k / pixels), k % pixels)),
  y: i64(Array.from({ length: items }, (_, item) => item % classes)),
});
const nearest = (item: number): number => {
  const distance = (c: number): number => centres[c]!.reduce((sum, value, i) => sum + (image(item, i) - value) ** 2, 0);
  const all = Array.from({ length: classes }, (_, c) => distance(c));
  return all.indexOf(Math.min(...all));
};
const config = { vendor: 'acme m7', model: 'ic01', inferUs: 1234, startUs: 2 ** 32 - 500_000, sharpness: 0.5, centres };

describeWithPty('an independent text device', () => {
  let pty: TinyPty;
  beforeAll(async () => {
    pty = await new TinyPty(config).start();
  });
  afterAll(() => pty.stop());

  it('[MCU-87] is found by itself at a serial port, whatever it keeps of the question for another protocol', async () => {
    const port = await openPort(pty.path);
    expect(await probePort(port, { timeoutMs: 300 })).toEqual({ protocol: 'mlperf-tiny', name: 'acme m7' });
    // What it was asked first stayed in its 80 slots, and came out before the name.
    expect(pty.noted('command')[0]!.length).toBe(80);
    await port.close();
  }, 20_000);

  it('[MCU-87] is driven through its quirks, and never gets a lone %', async () => {
    const port = await openPort(pty.path);
    const device = new TinyDevice(port);
    expect(await device.profile()).toEqual({ profile: 'ULPMark for tinyML Firmware V0.0.1', model: 'ic01' });
    const bytes = Uint8Array.from({ length: pixels }, (_, i) => image(3, i));
    // Read back whole: 784 is divided by 8, and 31 bytes a line leave nine for the last one.
    await device.loadInput(bytes, { verify: true });
    const { results, microseconds } = await device.infer(1000, 3);
    // Its clock of 32 bits went round in the middle; it is sure of itself, which it prints as 0.1000.
    expect(microseconds).toBe(1_234_000);
    expect([...results]).toEqual(Array.from({ length: classes }, (_, c) => (c === 3 ? 1 : 0)));
    await device.loadInput(bytes.map((_, i) => image(5, i)));
    const unsure = (await device.infer(1, 0)).results;
    expect([...unsure].every((p) => Number.isInteger(Math.round(p * 1e6) / 1000))).toBe(true);
    expect([...(await device.results())]).toEqual([...unsure]);
    // Its word for a size beyond its buffer has no prefix, and is not believed to be an answer.
    const lines: string[] = [];
    device.onConsole((line) => lines.push(line));
    await expect(device.loadInput(new Uint8Array(27_649))).rejects.toMatchObject({ code: 'run.model-rejected' });
    // A size that is not a multiple of what a line holds, nor of what it prints in one.
    await device.loadInput(bytes.subarray(0, 101), { verify: true });
    await port.close();
    const commands = pty.noted('command');
    expect(commands.filter((line) => line.trim() === '')).toEqual([]);
    expect(Math.max(...commands.slice(1).map((line) => line.length))).toBeLessThan(80);
    expect([pty.noted('trampled'), pty.alive]).toEqual([[], true]);
  }, 20_000);

  it('[MCU-87] is as brittle as it is said to be: a lone % ends it, and its port with it', async () => {
    const other = await new TinyPty(config).start();
    const port = await openPort(other.path);
    const lines: string[] = [];
    port.onData((bytes) => lines.push(Buffer.from(bytes).toString()));
    const said = async (text: string, answer: string): Promise<void> => {
      lines.length = 0;
      await port.write(Buffer.from(text));
      while (!lines.join('').includes(answer)) await new Promise((resolve) => setImmediate(resolve));
    };
    await said('db load 99999%', 'Supplied buffer size');
    await said('db 0g%', "e-[Invalid hex digit '0g']");
    await said('db 123%', 'e-[Insufficent number of hex digits]');
    await said('db load 2%db 010203%', 'm-load-done');
    await said('db print%', 'm-buffer-01-02\r\n\r\n');
    await said('infer 0%', 'e-[Inference iterations must be >0]');
    await said(`${'x'.repeat(79)}yz%`, `e-[Unknown command: ${'x'.repeat(79)}z]`);
    const closed = new Promise((resolve) => port.onClose(resolve));
    await port.write(Buffer.from('%'));
    expect(await closed).toMatchObject({ code: 'device.unplugged' });
    await other.stop();
  }, 20_000);
});

describeWithPty('a lab with somebody else’s benchmark firmware', () => {
  let pty: TinyPty;
  let lab: TestLab;
  let device: Device;
  let variant: Variant;
  const cli = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [join(root, 'bin/hilltop.mjs'), ...args], {
      env: { ...process.env, HILLTOP_URL: lab.url, HILLTOP_TOKEN: lab.token },
    });
    return stdout;
  };
  beforeAll(async () => {
    pty = await new TinyPty(config).start();
    lab = await startLab();
    await lab.agent('bench', { args: ['--serial', pty.path] });
    await lab.push('net', { model: readFileSync(example('models/fashion-resnet-micro.onnx')), evaluation });
    device = await boardOf(lab, 'acme m7');
  }, 120_000);
  afterAll(async () => {
    await lab?.stop();
    await pty?.stop();
  });

  it('[MCU-81] [MCU-89] its model is named as a variant, without a file and without a size', async () => {
    expect(device).toMatchObject({ facts: { board: 'acme m7', mcu: { driver: 'mlperf-tiny', model: 'ic01' } } });
    const push = ['models', 'push', '--variant-of', 'net', '--in-firmware-of', device.name];
    variant = Variant.parse(JSON.parse(await cli(...push, '--description', 'as sold', '--json')));
    expect(variant).toMatchObject({ recipe: 'ic01', origin: 'firmware', state: 'ready', metrics: {} });
    const row = (await cli('variants', '-m', 'net')).split('\n').find((line) => line.includes('ic01'))!;
    expect(row).toMatch(/ready +– +– .*in firmware: as sold/);
    await expect(cli('artifact', 'get', variant.id)).rejects.toThrow(/nobody has its file/);
  }, 60_000);

  it('[MCU-82] [MCU-86] [MCU-87] one quick run puts its latency and its accuracy on the frontier', async () => {
    const job = await lab.submit({ model: 'net', recipes: ['ic01', 'fp32'], protocol: 'quick' });
    const ended = await lab.ended(job.id, 200_000);
    // On the machine: fp32 alone; on the device: what it has alone.
    expect([ended.counts.succeeded, ended.counts.failed]).toEqual([2, 2]);
    const runs = (await lab.runs(job.id)).map((each) => Run.parse(each));
    for (const each of runs.filter(({ state }) => state === 'failed'))
      expect(each.error).toMatchObject({ code: 'plan.unsupported', cause: 'user' });
    const own = runs.find(({ deviceId, recipe }) => deviceId === device.id && recipe === 'ic01')!;
    expect(own).toMatchObject({ state: 'succeeded', artifact: variant.artifact, verdict: { verdict: 'clean' } });
    const { latency_p50_ms, throughput_ips, accuracy } = own.metrics;
    expect(latency_p50_ms).toMatchObject({ value: 1.234, low: 1.234, high: 1.234, n: 3 });
    expect(throughput_ips!.value).toBeCloseTo(1000 / 1.234, 6);
    const right = Array.from({ length: items }, (_, item) => nearest(item) === item % classes).filter(Boolean).length;
    expect([right, accuracy!.n]).toEqual([items - items / 8, items]);
    expect(accuracy!.value).toBeCloseTo(right / items, 9);
    // Of what fp32 said, which may have ended later.
    const agreement = await lab
      .watch(`job/${job.id}`)
      .until((e) => [...e.run.values()].find(({ id }) => id === own.id)?.metrics.agreement);
    expect(agreement.n).toBe(items);
    for (const id of ['size_bytes', 'transfer_bytes', 'arena_bytes', 'cycles'] as const)
      expect(own.metrics[id]).toBeUndefined();
    const frontier = Frontier.parse(await lab.frontier(`model=net&device=${device.id}`));
    expect(frontier.devices[0]!.points.map(({ recipe, status }) => [recipe, status])).toEqual([['ic01', 'on']]);
    expect(await cli('run', 'show', own.id)).toMatch(/artifact +inside the firmware, [0-9a-f]+/);
    expect(await cli('frontier', '-m', 'net')).toMatch(/acme m7/);
    expect(pty.noted('command').filter((line) => line.trim() === '')).toEqual([]);
    expect(pty.noted('trampled')).toEqual([]);
  }, 240_000);

  describeWithBrowser('on the page', () => {
    it('[MCU-89] is in firmware, of no size, and nobody is offered its file', async () => {
      const browser = await openBrowser();
      try {
        const { page } = browser;
        await page.goto(lab.signInUrl);
        await page.waitForSelector('[data-testid="connection-pill"]');
        await page.goto(`${lab.url}/models/${variant.modelId}`);
        const row = page.locator('[data-panel="variants"]').getByRole('row', { name: /ic01/ });
        await row.getByText('in firmware').waitFor({ timeout: 20_000 });
        expect(await row.textContent()).toMatch(/ic01 of acme m7.*–/);
        expect(await row.getByRole('button').count()).toBe(0);
        const other = page.locator('[data-panel="variants"]').getByRole('row', { name: /fp32/ });
        expect(await other.getByRole('button').count()).toBe(1);
      } finally {
        await browser.close();
      }
    }, 60_000);
  });

  describeWithCompiler('and its own, opened as one', () => {
    let program: string;
    let board: BoardProcess;
    beforeAll(async () => {
      program = buildHostFirmware();
      board = await new BoardProcess(program).plug();
    }, 120_000);
    afterAll(async () => {
      await board?.stop();
      if (program) rmSync(dirname(program), { recursive: true, force: true });
    });

    it('[MCU-88] is one: the plan that is loaded is its model, and it says of each item what ONNX Runtime says of the variant', async () => {
      await lab.pushSample();
      const first = await lab.submit({
        model: 'sample',
        recipes: ['int8-static'],
        selector: { devices: ['bench'], labels: {} },
        protocol: 'quick',
        evaluationItems: 64,
      });
      expect((await lab.ended(first.id, 200_000)).state).toBe('succeeded');
      const [onHost] = await lab.runs(first.id);
      const plan = await lab.api<PlanDocument>('GET', `/variants/${onHost!.variantId}/plan`);
      const bytes = Buffer.from(await (await lab.raw('GET', `/api/v1/artifacts/${plan.sha256}`)).arrayBuffer());
      const smp = await openSmpBoard(await openPort(board.spec));
      await smp.upload(bytes);
      await smp.load(plan.sha256);
      await smp.close();

      await lab.agent('bench-2', { args: ['--serial', `${board.spec},driver=mlperf-tiny`] });
      const own = await boardOf(lab, 'hilltop-host');
      expect(own.facts).toMatchObject({ mcu: { driver: 'mlperf-tiny', model: 'hilltop' } });
      const { scale, zeroPoint } = readPlan(bytes).inputs[0]!;
      const input = { type: 'int8', scale, zeroPoint };
      await lab.api('POST', '/variants/in-firmware', { model: 'sample', device: own.id, input });
      const job = await lab.submit({
        model: 'sample',
        recipes: ['hilltop'],
        selector: { devices: [own.id], labels: {} },
        protocol: 'quick',
        evaluationItems: 64,
      });
      await lab.ended(job.id, 200_000);
      const [there] = await lab.runs(job.id);
      expect([there!.state, there!.error]).toEqual(['succeeded', undefined]);
      expect(there!.metrics.latency_p50_ms!.value).toBeGreaterThan(0);
      const [seen, expected] = await Promise.all([there!, onHost!].map((each) => predicted(lab, each.id)));
      const different = [...seen!].filter(([item, label]) => expected!.get(item) !== label);
      // Three decimals of an output leave a tie now and then.
      expect([seen!.size, different.length <= 2]).toEqual([64, true]);
    }, 300_000);
  });
});

const boardOf = (lab: TestLab, name: string): Promise<Device> =>
  lab
    .watch('lab')
    .until((e) => [...e.device.values()].find((d) => d.facts.board === name && d.state === 'available'), 60_000);

async function predicted(lab: TestLab, runId: string): Promise<Map<number, number>> {
  const { columns } = await lab.api<{ columns: { item: number[]; predicted: number[] } }>(
    'GET',
    `/runs/${runId}/observations?kind=item`,
  );
  return new Map(columns.item.map((item, i) => [item, columns.predicted[i]!]));
}
