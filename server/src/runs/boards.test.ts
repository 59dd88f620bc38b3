import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type ConsoleEvent, type DeviceReport, encodeColumns, LabError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CompilePlanInput } from '../variants/compile-plan-task.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { variantView } from '../variants/variant-view.js';
import { ended, started, wholeRun } from './testing/events.js';
import { helloOf } from './testing/hello.js';
import { RunBench } from './testing/run-bench.js';

const [host] = helloOf('box').devices as [DeviceReport];
const board = (over: Partial<DeviceReport> = {}, mcu: Partial<DeviceReport['facts']['mcu']> = {}): DeviceReport => ({
  ...host,
  key: 'pico',
  name: 'pico',
  kind: 'microcontroller',
  facts: {
    ...host.facts,
    mcu: { cpu: 'Cortex-M0+', hz: 125e6, ticks: 'systick', ramBytes: 100, driver: 'smp', firmware: '1', ...mcu },
  },
  ...over,
});
const planOf = (text: string) => Buffer.from(`plan of ${text}`);
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('microcontrollers', () => {
  let bench: RunBench;
  let compiled: string[];
  let arenaBytes: number;
  beforeEach(async () => {
    bench = await RunBench.start();
    [compiled, arenaBytes] = [[], 50];
    bench.compile = async ({ artifactFile, outputFile }: CompilePlanInput) => {
      const name = artifactFile.slice(-8);
      compiled.push(name);
      const fp32 = await variant('fp32');
      if (fp32.artifactSha256?.endsWith(name))
        throw new LabError('plan.unsupported', 'conv1 (Conv): computes on floats', { node: 'conv1' });
      const plan = planOf(name);
      await writeFile(outputFile, plan);
      return { sha256: sha(plan), bytes: plan.length, arenaBytes, macs: 5 };
    };
    await bench.model(['fp32', 'int8', 'int8-too']);
    for (const row of await bench.database.reader.getRepository(VariantEntity).find()) {
      const { sha256, bytes } = await bench.blobs.put(Buffer.from(`artifact of ${row.recipeName.slice(0, 4)}`), {
        maxBytes: 100,
      });
      await bench.database.write((manager) =>
        manager.update(VariantEntity, { id: row.id }, { artifactSha256: sha256, artifactBytes: bytes }),
      );
    }
    await bench.agents('box');
    await bench.hello('box', { devices: [host, board()] });
  });
  afterEach(() => bench.close());

  const variant = (recipeName: string) =>
    bench.database.reader.getRepository(VariantEntity).findOneByOrFail({ recipeName });
  const device = (name: string) => bench.devices.find(name);
  const outcomes = async () => (await bench.runs()).map((run) => [run.recipe, run.state, run.error?.code]);

  it('[MCU-41] a board is given the plan of a variant, made when it is first needed; its twin is not compiled again', async () => {
    expect(compiled).toEqual([]);
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8', 'int8-too'] });
    const { plan, artifactSha256 } = await variant('int8');
    expect(plan).toMatchObject({ sha256: sha(planOf(artifactSha256!.slice(-8))), arenaBytes: 50, macs: 5 });
    expect((await variant('int8-too')).plan).toEqual(plan);
    expect(compiled).toHaveLength(1);
    expect(bench.start('box')).toMatchObject({
      deviceKey: 'pico',
      artifact: { sha256: plan!.sha256, bytes: plan!.bytes },
    });
    await bench.say('box', 'up/blob.request', { requestId: 'r', sha256: plan!.sha256 });
    expect(bench.told('box', 'down/blob.manifest').at(-1)).toMatchObject({ bytes: plan!.bytes });
    await bench.say('box', 'up/blob.request', { requestId: 's', sha256: artifactSha256! });
    expect(bench.told('box', 'down/blob.manifest').at(-1)).toMatchObject({ error: { code: 'blob.missing' } });
  });

  it('[MCU-41] settings of hosts mean nothing to a board: one run of each variant', async () => {
    const settings = [1, 2].map((threads) => ({ threads, graphLevel: 'all' as const }));
    await bench.job('job_00000001', { devices: ['pico', 'box'], recipes: ['int8'], settings });
    expect((await bench.runs()).map(({ settings: { threads } }) => threads).sort()).toEqual([1, 1, 2]);
  });

  it("[MCU-42] what has no plan fails at once with the node's name, and nothing else does", async () => {
    await bench.job('job_00000001', { devices: ['pico', 'box'], recipes: ['fp32', 'int8'] });
    const runs = await bench.runs();
    const onBoard = (await device('pico')).id;
    expect(runs.filter((run) => run.deviceId === onBoard).map((run) => run.error)).toEqual([
      { code: 'plan.unsupported', message: 'conv1 (Conv): computes on floats', cause: 'user' },
      null,
    ]);
    expect((await variant('fp32')).planError).toMatchObject({ code: 'plan.unsupported', node: 'conv1' });
    expect(runs.map((run) => run.state).sort()).toEqual(['claimed', 'claimed', 'failed', 'queued']);
    await bench.job('job_00000002', { devices: ['pico'], recipes: ['fp32'] });
    expect(compiled).toHaveLength(2);
    expect((await bench.jobRow('job_00000002')).state).toBe('failed');
  });

  it('[MCU-43] a plan that does not fit is refused with the numbers before anything is sent', async () => {
    arenaBytes = 90;
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    expect(await outcomes()).toEqual([['int8', 'failed', 'plan.too-large']]);
    const [run] = await bench.runs();
    expect(run!.error!.message.match(/\d+/g)?.map(Number)).toEqual(expect.arrayContaining([90 + 16, 90, 16, 100]));
    expect(bench.told('box', 'down/run.start')).toEqual([]);
  });

  it('[MCU-43] firmware that holds its own model takes no plan', async () => {
    const own = board({}, { driver: 'mlperf-tiny', ramBytes: undefined });
    await bench.hello('box', { devices: [host, own] });
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    expect(await outcomes()).toEqual([['int8', 'failed', 'plan.unsupported']]);
  });

  it('[MCU-50] who asks for a plan gets it, or the reason: not built, or no plan with the node', async () => {
    const viewOf = async (recipe: string) => variantView(await variant(recipe));
    const plan = await bench.plans.of(await viewOf('int8'));
    expect([plan, compiled.length]).toEqual([(await variant('int8')).plan, 1]);
    await expect(bench.plans.of(await viewOf('fp32'))).rejects.toMatchObject({
      code: 'plan.unsupported',
      details: { node: 'conv1' },
    });
    const { artifact: _none, ...unbuilt } = await viewOf('int8');
    await expect(bench.plans.of(unbuilt)).rejects.toMatchObject({ code: 'artifact.not-ready' });
  });

  it("[MCU-41] a compiler that fails is the lab's fault and may be asked again", async () => {
    const { compile } = bench;
    bench.compile = () => Promise.reject(new LabError('lab.internal', 'the worker died'));
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    expect((await bench.runs())[0]!.error).toMatchObject({ code: 'lab.internal', cause: 'infrastructure' });
    bench.compile = compile;
    await bench.job('job_00000002', { devices: ['pico'], recipes: ['int8'] });
    expect((await outcomes())[1]).toEqual(['int8', 'claimed', undefined]);
  });

  it('[MCU-41] what waited for a plan when the lab stopped is compiled after the next start', async () => {
    const { compile } = bench;
    bench.compile = () => new Promise(() => undefined);
    const submitted = bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    while (!bench.plans.busy) await new Promise((resolve) => setImmediate(resolve));
    bench.plans.onApplicationShutdown();
    bench.plans = { busy: false } as RunBench['plans'];
    await submitted;
    bench = await RunBench.start(await bench.stop());
    bench.compile = compile;
    await bench.settled();
    expect(await outcomes()).toEqual([['int8', 'queued', undefined]]);
    expect((await bench.runs())[0]!.artifactSha256).toBe((await variant('int8')).plan!.sha256);
  });

  it('[MCU-47] a board that is unplugged is away until a hello has it again; no heartbeat brings it back', async () => {
    const { id } = await device('pico');
    await bench.hello('box', { devices: [host] });
    expect(await device('pico')).toMatchObject({ id, state: 'offline', stateReason: 'unplugged' });
    await bench.expire();
    await bench.say('box', 'up/heartbeat', { bootId: 'boot', renew: [], devices: [] });
    expect([(await device('box')).state, (await device('pico')).state]).toEqual(['available', 'offline']);
    await bench.hello('box', { devices: [host, board()] });
    expect(await device('pico')).toMatchObject({ id, state: 'available', stateReason: null });
  });

  it('[MCU-47] one that is unplugged while it measures does not become available when its run ends', async () => {
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    const { runId, fence } = bench.start('box');
    await bench.hello('box', { devices: [host], running: [{ runId, fence }] });
    const error = { code: 'device.unplugged', message: 'its port is gone', cause: 'device' as const };
    await bench.journal('box', started({ runId, fence }), ended({ runId, fence }, 0, error));
    expect(await outcomes()).toEqual([['int8', 'failed', 'device.unplugged']]);
    expect(await device('pico')).toMatchObject({ state: 'offline', stateReason: 'unplugged', currentRunId: null });
  });

  it('[MCU-47] a board that is sick is unhealthy with the reason, and gets no run until it is well', async () => {
    const health = { state: 'unhealthy' as const, reason: 'it does not answer after a reset' };
    await bench.hello('box', { devices: [host, board({ health })] });
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    expect(await device('pico')).toMatchObject({ state: 'unhealthy', stateReason: health.reason });
    expect(await bench.states()).toEqual(['queued']);
    await bench.hello('box', { devices: [host, board()] });
    expect(await bench.states()).toEqual(['claimed']);
  });

  it('[MCU-48] a console is passed on live with its run, and kept; a foreign one is not', async () => {
    const events: ConsoleEvent[] = [];
    bench.live.console.listen((event) => events.push(event));
    await bench.job('job_00000001', { devices: ['pico'], recipes: ['int8'] });
    const { runId, fence, deviceId } = bench.start('box');
    const say = (agentId: string, text: string, run: string | undefined = runId) =>
      bench.say(agentId, 'up/console', { deviceId, runId: run, seq: 0, atMs: 1, text });
    await say('box', 'hello\n');
    await say('box', 'of no run of it\n', 'run_00000099');
    await bench.agents('pi-b');
    await say('pi-b', 'not mine\n');
    expect(events.map(({ text, runId: of, jobId }) => [text, of, jobId])).toEqual([
      ['hello\n', runId, 'job_00000001'],
      ['of no run of it\n', undefined, undefined],
    ]);
    expect(await bench.consoles.ofRun(runId)).toEqual({ text: 'hello\n', dropped: 0 });
    expect(await bench.consoles.ofDevice('pico')).toEqual({ text: 'hello\nof no run of it\n', dropped: 0 });
    // The journal has the last word.
    const [preparing, begun, latencies] = wholeRun({ runId, fence });
    const bytes = new TextEncoder().encode('hello, whole\n');
    await bench.journal('box', preparing!, begun!, latencies!, {
      type: 'run.observed',
      observations: { runId, fence, seq: 1, kind: 'console', block: 0, ...encodeColumns('console', { byte: bytes }) },
    });
    expect(await bench.consoles.ofRun(runId)).toEqual({ text: 'hello, whole\n', dropped: 0 });
    await expect(bench.consoles.ofRun('run_00000099')).rejects.toMatchObject({ code: 'run.unknown' });
    await expect(bench.consoles.ofDevice('nobody')).rejects.toMatchObject({ code: 'device.unknown' });
  });
});
