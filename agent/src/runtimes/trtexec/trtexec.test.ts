import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { nullModel } from '../null-model.js';
import { buildArguments, executeArguments, parseVersion } from './command.js';
import { Engines } from './engines.js';
import { parseError, parseLoadMs, parseOutputs, parseProfile, parseTimes, splitWarmUp } from './results.js';
import { trtexec } from './trtexec.js';

const fake = fileURLToPath(new URL('../../../dist/runtimes/trtexec/testing/fake-trtexec.js', import.meta.url));
jest.setTimeout(60_000);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-trtexec-'));
});
afterAll(() => rm(dir, { recursive: true }));

const inputs = [
  { name: 'image', type: 'float32', dims: [1, 3, 8, 8], file: '/r/input-0.bin' },
  { name: 'a:0', type: 'float32', dims: [1], file: '/r/input-1.bin' },
];

describe('trtexec', () => {
  it('[RT-20] knows the version by the banner, in all three ways it is written', () => {
    const banner = (text: string) => parseVersion(`&&&& RUNNING TensorRT.trtexec [TensorRT v${text}] # trtexec`)?.text;
    expect(['8201', '8502', '100300', '101602', '11.1.0.106'].map(banner)).toEqual([
      '8.2.1',
      '8.5.2',
      '10.3.0',
      '10.16.2',
      '11.1.0',
    ]);
    expect([banner('x'), parseVersion('trtexec: not found')]).toEqual([undefined, undefined]);
  });

  it('[RT-21] builds with what settings say, in the words of the installed version', () => {
    const build = (banner: string, precision: 'fp32' | 'fp16' | 'int8', shapes: 'dynamic' | 'static') =>
      buildArguments(
        '/r/model.onnx',
        '/e/x.engine',
        inputs,
        { precision, workspaceMib: 512, version: parseVersion(`[TensorRT v${banner}]`)! },
        shapes,
      );
    expect(build('8201', 'fp16', 'dynamic')).toEqual([
      '--onnx=/r/model.onnx',
      '--saveEngine=/e/x.engine',
      "--shapes=image:1x3x8x8,'a:0':1",
      '--fp16',
      '--workspace=512',
      '--iterations=1',
      '--duration=0',
      '--warmUp=0',
    ]);
    expect(build('100300', 'fp32', 'static')).toEqual([
      '--onnx=/r/model.onnx',
      '--saveEngine=/e/x.engine',
      '--memPoolSize=workspace:512',
      '--iterations=1',
      '--duration=0',
      '--warmUp=0',
    ]);
    expect(build('8502', 'int8', 'static')).toEqual(expect.arrayContaining(['--int8', '--fp16']));
  });

  it('[RT-21] executes one engine with inputs from files, and exports times and outputs', () => {
    const execute = { inputs, shapes: 'static' as const, iterations: 120, durationS: 4 };
    expect(executeArguments('/e/x.engine', { ...execute, timesPath: '/r/t.json', outputPath: '/r/o.json' })).toEqual([
      '--loadEngine=/e/x.engine',
      "--loadInputs=image:/r/input-0.bin,'a:0':/r/input-1.bin",
      '--iterations=120',
      '--duration=4',
      '--warmUp=0',
      '--useSpinWait',
      '--exportTimes=/r/t.json',
      '--exportOutput=/r/o.json',
    ]);
  });

  it('[RT-22] reads exported times of old and new versions', () => {
    const now = `[
  { "startEnqMs" : 1, "endEnqMs" : 1.25, "startH2dMs" : 1.5, "endH2dMs" : 2, "startComputeMs" : 2, "endComputeMs" : 5, "startD2hMs" : 5, "endD2hMs" : 5.5, "h2dMs" : 0.5, "computeMs" : 3, "d2hMs" : 0.5, "latencyMs" : 4, "endToEndMs" : 4.5 }
]`;
    const time = { latencyMs: 4, computeMs: 3, h2dMs: 0.5, d2hMs: 0.5, enqueueMs: 0.25, startMs: 1.5, endMs: 5.5 };
    expect(parseTimes(now)).toEqual([time]);
    expect(
      parseTimes(now.replaceAll('H2d', 'In').replaceAll('h2d', 'in').replaceAll('D2h', 'Out').replaceAll('d2h', 'out')),
    ).toEqual([time]);
    for (const text of ['', '{}', '[{"latencyMs":1}]', '[{"latencyMs":-1,"computeMs":1}]'])
      expect(parseTimes(text)).toBeUndefined();
  });

  it("[RT-23] what was warm-up the protocol's rule says, and the rest keeps its time and number", () => {
    const series = (ms: readonly number[]) => {
      let at = 100;
      return ms.map((latencyMs) => {
        const startMs = at;
        at += latencyMs;
        return { latencyMs, computeMs: latencyMs, startMs, endMs: at };
      });
    };
    const cold = Array.from({ length: 30 }, (_, i) => 30 - i);
    const split = splitWarmUp(
      series([...cold, ...Array(200).fill(1)]),
      { minMs: 0, minInferences: 10, maxMs: 1e9 },
      { minMs: 50, minInferences: 100 },
    );
    expect(split.warmUp.length).toBeGreaterThanOrEqual(40);
    expect(new Set(split.latency)).toEqual(new Set([1]));
    expect(split.measuredMs).toBe(split.latency.length);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 20, maxLength: 200 }), (ms) => {
        const total = ms.reduce((sum, each) => sum + each, 0);
        const rule = { minMs: total / 2, minInferences: 10 };
        const { warmUp, latency } = splitWarmUp(series(ms), { minMs: 0, minInferences: 5, maxMs: 1e9 }, rule);
        expect([...warmUp, ...latency]).toEqual(ms);
        expect(latency.length).toBeGreaterThanOrEqual(10);
        expect(latency.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(total / 2 - 50);
      }),
    );
  });

  it('[RT-22] reads outputs, nan and inf as C++ prints them among them', () => {
    const text = `[
  { "name" : "nan out"
  , "dimensions" : "1x5"
  , "values" : [ 0.5, nan, -nan, inf, -inf ]
  }
, { "name" : "b", "dimensions" : "1", "values" : [ 1e-05 ] }
]`;
    expect(parseOutputs(text)).toEqual(
      new Map([
        ['nan out', Float64Array.of(0.5, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)],
        ['b', Float64Array.of(1e-5)],
      ]),
    );
    expect([parseOutputs(''), parseOutputs('[{"name":"y"}]')]).toEqual([undefined, undefined]);
  });

  it('[RT-22] reads its profile, its words about loading, and its first error', () => {
    const profile =
      '[ { "count" : 30 }\n, { "name" : "conv + relu", "timeMs" : 6, "averageMs" : 0.2, "percentage" : 80 } ]';
    expect(parseProfile(profile, 500)).toEqual([
      { name: 'conv + relu', op: 'layer', provider: 'tensorrt', meanMs: 0.2, inferences: 30 },
    ]);
    expect([parseProfile('[]', 500), parseProfile(profile, 0)]).toEqual([[], []]);
    expect(parseLoadMs('[10/01/2024-13:27:02] [I] Engine deserialized in 0.0326257 sec.')).toBeCloseTo(32.6257);
    expect(parseLoadMs('[I] nothing')).toBeUndefined();
    expect(parseError('[1] [I] fine\n[2] [E] Error[4]: no such operator\n[3] [E] more')).toBe(
      'Error[4]: no such operator',
    );
  });

  it('[RT-24] builds an engine once for artifact and settings, and uses it in every block', async () => {
    const calls = join(dir, 'calls');
    const driver = trtexec({ workDir: dir, trtexec: [process.execPath, fake, `--calls=${calls}`] });
    const path = join(dir, 'model.onnx');
    await writeFile(path, nullModel.bytes);
    const block = (precision: 'fp32' | 'fp16') =>
      driver.block(
        {
          artifact: { path, sha256: 'a'.repeat(64), bytes: nullModel.bytes.length },
          settings: { threads: 1, graphLevel: 'all', precision },
          inputs: nullModel.inputs,
          outputs: nullModel.outputs,
          timeoutMs: 20_000,
        },
        { minMs: 0, minInferences: 2, maxMs: 10 },
        { minMs: 0, minInferences: 5 },
        {},
        new AbortController().signal,
      );
    for (const precision of ['fp32', 'fp32', 'fp16'] as const) await block(precision);
    const made = (await readFile(calls, 'utf8')).trim().split('\n');
    const builds = made.filter((line) => line.includes('--saveEngine'));
    // The null model leaves no size open: the first attempt of each says that, the second one builds.
    expect(builds.map((line) => [line.includes('--shapes'), line.includes('--fp16')])).toEqual([
      [true, false],
      [false, false],
      [true, true],
      [false, true],
    ]);
    expect(made.filter((line) => line.includes('--exportTimes'))).toHaveLength(3);
    expect(await readdir(join(dir, 'engines'))).toHaveLength(2);
  });

  it('[RT-24] keeps a few engines, and builds again one that is gone or failed', async () => {
    const engines = new Engines(join(dir, 'few'));
    const built: string[] = [];
    const get = (artifact: string, fails = false) =>
      engines.get({ artifact, version: '8.5.2', precision: 'fp32', shapes: '' }, async (path) => {
        built.push(artifact);
        if (fails) throw new Error('no');
        await writeFile(path, artifact);
        return 'static';
      });
    await expect(get('x', true)).rejects.toThrow('no');
    for (const name of ['x', 'x', ...'abcdefgh']) await get(name);
    await get('x');
    expect(built).toEqual(['x', 'x', ...'abcdefgh', 'x']);
    expect(await readdir(join(dir, 'few'))).toHaveLength(8);
  });

  it('[RT-20] is not there where it is not installed', async () => {
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      expect(await trtexec({ workDir: dir }).describe()).toBeUndefined();
    } finally {
      process.env.PATH = path;
    }
  });
});
