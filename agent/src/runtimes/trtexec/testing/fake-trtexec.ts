/**
 * A stand-in for NVIDIA's trtexec where there is none: the same command line, the same files (constructed from its documentation and the
 * printed forms of its samples; never compared with a Jetson), ONNX Runtime in place of TensorRT. An "engine" is the model itself behind a line.
 * Of its own it has `--calls=FILE`, which notes each call.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');
const argv = process.argv.slice(2);
const value = (name: string): string | undefined =>
  argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const say = (text: string): boolean => process.stdout.write(`[11/24/2026-12:00:00] [I] ${text}\n`);
const magic = 'fake engine ';

const known = new Set(
  'onnx saveEngine loadEngine shapes loadInputs iterations duration warmUp exportTimes exportOutput exportProfile memPoolSize calls'.split(
    ' ',
  ),
);
const flags = new Set(['--fp16', '--int8', '--useSpinWait', '--dumpProfile', '--help']);

function fail(text: string): never {
  process.stderr.write(`[11/24/2026-12:00:00] [E] ${text}\n&&&& FAILED TensorRT.trtexec [TensorRT v8502] # trtexec\n`);
  process.exit(1);
}

/** `a:1x2,b:3` -> name and rest; names here have no colons. */
const pairs = (text: string | undefined): Array<[string, string]> =>
  (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((part) => [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]);

/** Sizes that are left open in the model, told by `--shapes`. */
function dimsOf(session: InferenceSession): Map<string, number[]> {
  const told = new Map(pairs(value('shapes')).map(([name, dims]) => [name, dims.split('x').map(Number)]));
  return new Map(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) fail('an input is no tensor');
      const open = input.shape.some((d) => typeof d !== 'number');
      if (!open && told.size > 0)
        fail(
          'Static model does not take explicit shapes since the shape of inference tensors will be determined by the model itself',
        );
      return [input.name, open ? (told.get(input.name) ?? input.shape.map(() => 1)) : (input.shape as number[])];
    }),
  );
}

async function main(): Promise<void> {
  process.stdout.write(`&&&& RUNNING TensorRT.trtexec [TensorRT v8502] # trtexec ${argv.join(' ')}\n`);
  if (argv.includes('--help')) return;
  const unknown = argv.find((arg) => !flags.has(arg) && !known.has(arg.slice(2).split('=')[0]!));
  if (unknown) fail(`Unknown option: ${unknown}`);
  const calls = value('calls');
  if (calls) appendFileSync(calls, `${argv.join(' ')}\n`);
  const engine = value('loadEngine');
  const bytes = readFileSync(engine ?? value('onnx')!);
  if (engine && bytes.toString('utf8', 0, magic.length) !== magic) fail('Engine deserialization failed');
  const model = engine ? bytes.subarray(bytes.indexOf(10) + 1) : bytes;
  const loading = performance.now();
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 }).catch(
    (error: Error) => fail(`ModelImporter.cpp: ${error.message.split('\n')[0]}`),
  );
  const dims = dimsOf(session);
  const precision = argv.includes('--int8') ? 'int8' : argv.includes('--fp16') ? 'fp16' : 'fp32';
  const saved = value('saveEngine');
  if (saved) writeFileSync(saved, Buffer.concat([Buffer.from(`${magic}${precision}\n`), model]));
  say(
    engine
      ? `Engine deserialized in ${((performance.now() - loading) / 1000).toFixed(6)} sec.`
      : 'Engine built in 0.1 sec.',
  );
  const feeds = feedsOf(session, dims);
  const results = await infer(session, feeds);
  if (value('exportOutput')) writeFileSync(value('exportOutput')!, outputText(results));
  if (value('exportProfile'))
    writeFileSync(
      value('exportProfile')!,
      '[\n  { "count" : 30 }\n, { "name" : "conv + relu", "timeMs" : 6, "averageMs" : 0.2, "percentage" : 80 }\n' +
        ', { "name" : "fc", "timeMs" : 1.5, "averageMs" : 0.05, "percentage" : 20 }\n]\n',
    );
  process.stdout.write('&&&& PASSED TensorRT.trtexec [TensorRT v8502] # trtexec\n');
}

function feedsOf(session: InferenceSession, dims: Map<string, number[]>): Record<string, Tensor> {
  const files = new Map(pairs(value('loadInputs')));
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const shape = dims.get(name)!;
    const data = new Float32Array(shape.reduce((product, d) => product * d, 1));
    const file = files.get(name);
    if (file) {
      const bytes = readFileSync(file);
      if (bytes.length !== data.byteLength) fail(`Input file ${file} has ${bytes.length} bytes`);
      new Uint8Array(data.buffer).set(bytes);
    }
    feeds[name] = new ort.Tensor('float32', data, shape);
  }
  return feeds;
}

/** Runs until both minima are reached, as trtexec does, and writes what it timed. */
async function infer(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
): Promise<InferenceSession.OnnxValueMapType> {
  const iterations = Number(value('iterations') ?? 10);
  const durationMs = Number(value('duration') ?? 3) * 1000;
  const rows: string[] = [];
  const start = performance.now();
  for (;;) {
    const t0 = performance.now() - start;
    const results = await session.run(feeds);
    const t1 = performance.now() - start;
    const part = (t1 - t0) / 10;
    const row = {
      ...{ startEnqMs: t0, endEnqMs: t0 + part, startH2dMs: t0, endH2dMs: t0 + part },
      ...{ startComputeMs: t0 + part, endComputeMs: t1 - part, startD2hMs: t1 - part, endD2hMs: t1 },
      ...{ h2dMs: part, computeMs: t1 - t0 - 2 * part, d2hMs: part, latencyMs: t1 - t0, endToEndMs: t1 - t0 },
    };
    rows.push(
      `{ ${Object.entries(row)
        .map(([name, ms]) => `"${name}" : ${ms}`)
        .join(', ')} }`,
    );
    if (rows.length >= iterations && t1 >= durationMs) {
      if (value('exportTimes')) writeFileSync(value('exportTimes')!, `[\n  ${rows.join('\n, ')}\n]\n`);
      return results;
    }
  }
}

/** As C++ prints: `nan` and `inf` are no JSON. */
const printed = (v: unknown): string => {
  const number = Number(v);
  if (Number.isNaN(number)) return 'nan';
  return Number.isFinite(number) ? String(number) : number > 0 ? 'inf' : '-inf';
};

function outputText(results: InferenceSession.OnnxValueMapType): string {
  const parts = Object.entries(results).map(([name, tensor]) => {
    const { dims, data } = tensor as Tensor;
    return `{ "name" : "${name}"\n  , "dimensions" : "${dims.join('x')}"\n  , "values" : [ ${Array.from(data as Float32Array, printed).join(', ')} ]\n  }\n`;
  });
  return `[\n  ${parts.join(', ')}]\n`;
}

await main();
