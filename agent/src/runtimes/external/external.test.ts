import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { nullModel } from '../null-model.js';
import { runErrorOf } from '../outcome.js';
import { parseRuntime } from '../runtime-spec.js';
import { parsed, plausible } from './dialogue.js';
import { external } from './external.js';
import { answers } from './wire.js';

jest.setTimeout(60_000);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hilltop-external-'));
  await writeFile(join(dir, 'model.onnx'), nullModel.bytes);
});
afterAll(() => rm(dir, { recursive: true }));

/** A program that does as the protocol says, 10 ns an inference, but for what `change` replaces of its answers. */
const program = (change: string) => [
  process.execPath,
  '-e',
  `const fs = require('node:fs');
   const say = (value) => fs.writeSync(1, typeof value === 'string' ? value : JSON.stringify(value) + '\\n');
   let outputs = [];
   const does = {
     hello: () => say({ done: 'hello', protocol: 1, version: '1.2', providers: ['cpu', 'npu'], note: 'passed over' }),
     load: (q) => { outputs = q.outputs; say({ done: 'load', ns: 1000 }); },
     infer: (q) => say({ done: q.do, ns: Array(q.inferences).fill(10) }),
     output: () => { for (const { file } of outputs) fs.writeFileSync(file, Buffer.from(Float32Array.of(1).buffer)); say({ done: 'output' }); },
     quit: () => process.exit(0),
   };
   does.warmup = does.infer;
   ${change}
   require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
     const question = JSON.parse(line);
     does[question.do](question);
   });`,
];

async function run(change: string, over: { timeoutMs?: number; idleBeforeMs?: number } = {}) {
  const rows: number[] = [];
  const phases: string[] = [];
  const idles: boolean[] = [];
  const result = await external({ workDir: dir, program: { command: program(change) } }).block(
    {
      artifact: { path: join(dir, 'model.onnx'), sha256: 'a'.repeat(64), bytes: nullModel.bytes.length },
      settings: { threads: 1, graphLevel: 'all' },
      inputs: nullModel.inputs,
      outputs: nullModel.outputs,
      timeoutMs: over.timeoutMs ?? 20_000,
    },
    { minMs: 0, minInferences: 10, maxMs: 100 },
    { minMs: 5, minInferences: 50, ...(over.idleBeforeMs !== undefined && { idleBeforeMs: over.idleBeforeMs }) },
    {
      onLatency: (values) => rows.push(...values),
      onPhase: (phase) => phases.push(phase),
      onIdle: (idle) => idles.push(idle),
    },
    new AbortController().signal,
  );
  return { rows, phases, idles, result };
}

const failure = async (change: string, over = {}) =>
  runErrorOf(
    await run(change, over).then(
      () => new Error('it succeeded'),
      (error: unknown) => error,
    ),
  );

describe('external runtime', () => {
  it('[RT-5] asks hello, load, infer, output, warmup and infer, in this order, and reports what it is told', async () => {
    const { rows, phases, idles, result } = await run('', { idleBeforeMs: 10 });
    expect(rows.length).toBeGreaterThanOrEqual(50);
    expect(new Set(rows)).toEqual(new Set([1e-5]));
    expect(phases).toEqual(['loading', 'warming-up']);
    expect(idles).toEqual([true, false]);
    expect(result.moments!.map(({ mark }) => mark)).toEqual(['idle-start', 'idle-end', 'loop-start', 'loop-end']);
    expect([result.process.load_ms, result.process.first_inference_ms]).toEqual([0.001, 1e-5]);
    expect(result.process.peak_bytes).toBeGreaterThan(1e6);
    expect(result.process.rss_baseline_bytes).toBeNaN();
    expect(await external({ workDir: dir, program: { command: program('') } }).describe()).toMatchObject({
      version: '1.2',
      providers: ['cpu', 'npu'],
    });
  });

  it.each([
    ['speaks unasked', "say('ready\\n');", 'runtime.protocol'],
    ['prints for people', "does.load = () => say('loading...\\n');", 'runtime.protocol'],
    [
      'speaks another version',
      "does.hello = () => say({ done: 'hello', protocol: 2, version: '1' });",
      'runtime.protocol',
    ],
    ['answers another question', "does.load = () => say({ done: 'output' });", 'runtime.protocol'],
    ['never ends a line', "does.load = () => say('x'.repeat(1 << 21));", 'runtime.protocol'],
    ['tells too few times', "does.infer = (q) => say({ done: 'infer', ns: [] });", 'runtime.protocol'],
    ['tells more times than asked', "does.infer = (q) => say({ done: 'infer', ns: [1, 1] });", 'runtime.protocol'],
    [
      'names a process of somebody else',
      "does.hello = () => say({ done: 'hello', protocol: 1, version: '1', pid: process.ppid });",
      'runtime.protocol',
    ],
    [
      'counts microseconds a thousandfold',
      "does.infer = (q) => say({ done: 'infer', ns: [5e12] });",
      'runtime.implausible',
    ],
    ['loads in no time that passed', "does.load = () => say({ done: 'load', ns: 1e14 });", 'runtime.implausible'],
    [
      'does not take the model',
      "does.load = () => say({ error: { code: 'model-rejected', message: 'no such operator' } });",
      'run.model-rejected',
    ],
    [
      'has no memory for it',
      "does.load = () => say({ error: { code: 'out-of-memory', message: '' } });",
      'run.out-of-memory',
    ],
    ['ends in the middle', 'does.load = () => process.exit(3);', 'run.crashed'],
    ['writes no output', "does.output = () => say({ done: 'output' });", 'run.output-invalid'],
    [
      'links its output to a file of others',
      "does.output = () => { fs.symlinkSync('/etc/hostname', 'output-0.bin'); say({ done: 'output' }); };",
      'run.output-invalid',
    ],
    [
      'writes half an output',
      "does.output = () => { fs.writeFileSync('output-0.bin', 'ab'); say({ done: 'output' }); };",
      'run.output-invalid',
    ],
    [
      'makes a pipe of its output',
      "does.output = () => { require('node:child_process').execFileSync('mkfifo', ['output-0.bin']); say({ done: 'output' }); };",
      'run.output-invalid',
    ],
    [
      'writes far more than an output',
      "does.output = () => { fs.writeFileSync('output-0.bin', ''); fs.truncateSync('output-0.bin', 2 ** 32); say({ done: 'output' }); };",
      'run.output-invalid',
    ],
    [
      'writes NaN',
      "does.output = () => { fs.writeFileSync('output-0.bin', Buffer.from(Float32Array.of(NaN).buffer)); say({ done: 'output' }); };",
      'run.output-invalid',
    ],
  ])('[RT-6] a program that %s ends the run with its code', async (_, change, code) => {
    expect((await failure(change)).code).toBe(code);
  });

  it('[RT-6] one that never answers is stopped by the clock', async () => {
    expect(await failure('does.load = () => undefined;', { timeoutMs: 1500 })).toMatchObject({ code: 'run.timeout' });
  });

  it('[RT-6] any line is an answer or an error of the protocol, never anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.constantFrom(...(Object.keys(answers) as Array<keyof typeof answers>)),
        (line, asked) => {
          try {
            expect(parsed(asked, line)).toHaveProperty('done', asked);
          } catch (error) {
            expect(runErrorOf(error).code).toMatch(/^(runtime\.protocol|run\.)/);
          }
        },
      ),
    );
  });

  it('[RT-7] reported times are at most the time in which they passed', () => {
    expect(() => plausible([400, 600], 1000)).not.toThrow();
    expect(() => plausible([5e8, 6e8], 1e9)).toThrow('nanoseconds');
  });

  it('[RT-8] is named on the command line with a whole path', () => {
    expect(parseRuntime('tflite=/opt/run-tflite --threads 2')).toEqual({
      id: 'tflite',
      command: ['/opt/run-tflite', '--threads', '2'],
    });
    for (const text of ['tflite', '=/opt/x', 'tflite=', 'onnxruntime=/opt/x', 'TF=/opt/x', 'tflite=run-tflite'])
      expect([
        text,
        (() => {
          try {
            parseRuntime(text);
            return 'taken';
          } catch {
            return 'refused';
          }
        })(),
      ]).toEqual([text, 'refused']);
  });
});
