import { createHash } from 'node:crypto';
import {
  type DeviceReport,
  encodeTensorPack,
  LabError,
  readFirmwareModel,
  type VariantInFirmware,
} from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { ModelEntity } from '../models/model.entity.js';
import type { ModelService } from '../models/model.service.js';
import type { RecipeService } from '../recipes/recipe.service.js';
import { RunEntity } from '../runs/run.entity.js';
import { helloOf } from '../runs/testing/hello.js';
import { RunBench } from '../runs/testing/run-bench.js';
import { InFirmwareService } from './in-firmware.service.js';
import { VariantService } from './variant.service.js';
import type { VariantBuilder } from './variant-builder.js';

const profile = 'ULPMark for tinyML Firmware V0.0.1';
const [host] = helloOf('box').devices as [DeviceReport];
const board = (key: string, mcu: Partial<DeviceReport['facts']['mcu']> = {}, vendor = 'acme'): DeviceReport => ({
  ...host,
  key,
  name: key,
  kind: 'microcontroller',
  facts: {
    ...host.facts,
    board: vendor,
    mcu: { cpu: 'unknown', driver: 'mlperf-tiny', firmware: profile, profile, model: 'IC01', ...mcu },
  },
});
const devices = [
  host,
  board('tiny'),
  board('twin'),
  board('other', { model: 'kws01' }),
  board('pico', { driver: 'smp', hz: 125e6, ticks: 'systick', ramBytes: 1e6 }),
];

describe('variants in a firmware', () => {
  let bench: RunBench;
  let service: InFirmwareService;
  const assemble = (): void => {
    const { database, blobs, live } = bench;
    const log = createLog('silent');
    const models = {
      find: (id: string) =>
        database.reader.getRepository(ModelEntity).findOneByOrFail(id.startsWith('mod_') ? { id } : { name: id }),
    } as unknown as ModelService;
    const recipes = { has: async (_: unknown, name: string) => name === 'int8-static' } as unknown as RecipeService;
    const builder = { progressOf: () => undefined, want: () => undefined } as unknown as VariantBuilder;
    const references = new BlobReferences(database, blobs);
    const variants = new VariantService(database, blobs, models, recipes, references, builder, live);
    service = new InFirmwareService(database, blobs, models, bench.devices, recipes, references, variants, log);
  };
  beforeEach(async () => {
    bench = await RunBench.start();
    assemble();
    await bench.model(['fp32']);
    await bench.agents('box');
    await bench.hello('box', { devices });
  });
  afterEach(() => bench.close());

  const push = (over: Partial<VariantInFirmware> = {}) => service.push({ model: 'net', device: 'tiny', ...over });
  const evaluation = async (type: 'float32' | 'uint8' | 'int8'): Promise<void> => {
    const data = new Uint8Array(type === 'float32' ? 32 : 8);
    const pack = encodeTensorPack({ items: 2, inputs: [{ type, dims: [4], scale: 1, offset: 0, data }] });
    const { sha256, bytes } = await bench.blobs.put(pack, { maxBytes: pack.length });
    await bench.database.write((manager) =>
      manager.update(ModelEntity, { name: 'net' }, { evaluation: { sha256, bytes, items: 2, labelled: false } }),
    );
  };
  const model = (change: Partial<ModelEntity>) =>
    bench.database.write((manager) => manager.update(ModelEntity, { name: 'net' }, change));
  const outcome = async () => new Map((await bench.runs()).map((run) => [names.get(run.deviceId), run]));
  let names: Map<string, string>;
  const job = async (id: string, recipes: string[], on: string[]): Promise<void> => {
    names = new Map(await Promise.all(on.map(async (name) => [(await bench.devices.find(name)).id, name] as const)));
    await bench.job(id, { devices: on, recipes });
  };

  it('[MCU-80] [MCU-81] is ready at once: what the firmware says of itself is its artifact, and there is no size', async () => {
    const variant = await push({ description: 'as it was sold', training: { train_device_hours: 2 } });
    expect(variant).toMatchObject({
      recipe: 'ic01',
      origin: 'firmware',
      state: 'ready',
      description: 'as it was sold',
      firmware: { kind: 'firmware-model', name: 'acme', profile, model: 'IC01', input: { type: 'uint8' } },
      steps: [],
    });
    expect(Object.keys(variant.metrics)).toEqual(['train_device_hours']);
    expect(variant.screening).toBeUndefined();
    const content = await bench.blobs.read(variant.artifact!.sha256);
    expect(createHash('sha256').update(content).digest('hex')).toBe(variant.artifact!.sha256);
    expect(readFirmwareModel(content)).toEqual(variant.firmware);
    const same = await push({ device: 'twin', name: 'again' });
    expect(same.artifact).toEqual(variant.artifact);
    await expect(bench.plans.of(variant)).rejects.toMatchObject({ code: 'plan.unsupported' });
  });

  it('[MCU-81] what the data is stored as decides about the input, unless it is stated', async () => {
    await evaluation('int8');
    expect((await push()).firmware!.input).toEqual({ type: 'int8' });
    expect((await push({ name: 'b', input: { type: 'uint8' } })).firmware!.input).toEqual({ type: 'uint8' });
    await evaluation('float32');
    await expect(push({ name: 'c' })).rejects.toMatchObject({
      code: 'data.dtype',
      message: expect.stringContaining('--firmware-input int8:SCALE:ZERO-POINT'),
    });
    const input = { type: 'int8' as const, scale: 0.5, zeroPoint: -3 };
    expect((await push({ name: 'c', input })).firmware!.input).toEqual(input);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a device that runs plans', () => push({ device: 'pico' }), 'request.invalid'],
    ['a machine', () => push({ device: 'box' }), 'request.invalid'],
    ['a device nobody has', () => push({ device: 'nobody' }), 'device.unknown'],
    ['the name of a recipe', () => push({ name: 'int8-static' }), 'request.conflict'],
    ['a taken name', () => push({ name: 'fp32' }), 'request.conflict'],
    [
      'two inputs',
      () => model({ inputs: Array(2).fill({ name: 'x', type: 'float32', dims: [1] }) }).then(() => push()),
      'variant.interface-mismatch',
    ],
    [
      'an input beyond the buffer',
      () => model({ inputs: [{ name: 'x', type: 'float32', dims: [1, 27_649] }] }).then(() => push()),
      'variant.interface-mismatch',
    ],
  ])('[MCU-81] %s is refused and leaves nothing behind', async (_, wish, code) => {
    const error = await wish().catch((reason: unknown) => reason);
    expect(error instanceof LabError && error.code).toBe(code);
    expect(await bench.database.reader.query('SELECT COUNT(*) AS n FROM variant')).toEqual([{ n: 1 }]);
  });

  it('[MCU-82] is given to devices that say the same, and fails at once elsewhere with what differs', async () => {
    const { artifact } = await push();
    await job('job_00000001', ['ic01'], ['box', 'tiny', 'twin', 'other', 'pico']);
    const runs = await outcome();
    for (const key of ['tiny', 'twin']) {
      expect(runs.get(key)!.error).toBeNull();
      expect(runs.get(key)!.artifactSha256).toBe(artifact!.sha256);
    }
    expect(bench.start('box').artifact).toEqual(artifact);
    for (const [key, why] of [
      ['box', /does not have: choose that device/],
      ['pico', /does not have/],
      ['other', /its model is kws01, not IC01/],
    ] as const) {
      expect(runs.get(key)).toMatchObject({ state: 'failed', error: { code: 'plan.unsupported', cause: 'user' } });
      expect(runs.get(key)!.error!.message).toMatch(why);
    }
    await bench.say('box', 'up/blob.request', { requestId: 'r', sha256: artifact!.sha256 });
    expect(bench.told('box', 'down/blob.manifest').at(-1)).toMatchObject({ bytes: artifact!.bytes });
  });

  it('[MCU-82] other variants are refused there as before', async () => {
    bench.compile = async () => {
      throw new LabError('plan.unsupported', 'floats');
    };
    await job('job_00000001', ['fp32'], ['tiny']);
    expect((await outcome()).get('tiny')!.error!.message).toMatch(/has its model in its firmware \(IC01\)/);
  });

  it('[MCU-82] after a restart of the lab its runs go on', async () => {
    const { artifact } = await push();
    await bench.hello('box', { devices: devices.slice(0, 1) });
    await job('job_00000001', ['ic01'], ['tiny']);
    await bench.database.write((manager) => manager.update(RunEntity, { state: 'queued' }, { artifactSha256: null }));
    bench = await RunBench.start(await bench.stop());
    await bench.settled();
    expect((await bench.runs())[0]).toMatchObject({ state: 'queued', artifactSha256: artifact!.sha256 });
  });
});
