import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Run } from '@hilltop/contracts';
import { example, startLab, type TestLab } from '../../test/support/lab.js';
import { bytes, int, message, model, node, tensor, value } from '../../test/support/onnx.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import type { BlobName, DeltaAnswer, DeltaQuestion } from './delta-agent.js';
import { HelperProcess } from './helper-process.js';

const device = 'bench-delta';
const largeMegabytes = 16;
const largeMegabytesQuick = 4;
/** What must come out where the bytes of two variants are mostly the same, or zero. */
const ratioWanted = 5;
/** Time that a patch may take until it is ready, ms, on a busy machine. */
const readyMs = 120_000;

const recipe = (name: string, ...steps: Array<{ pass: string; parameters: object }>) => ({
  name,
  title: name,
  description: 'For the bench.',
  steps,
});

/** Own recipes beside those that every lab has. */
const ownRecipes = [
  recipe(
    'int8-percentile',
    { pass: 'optimize', parameters: {} },
    { pass: 'quantize-static', parameters: { calibration: 'percentile' } },
  ),
  recipe('pruned-50', {
    pass: 'prune-magnitude',
    parameters: { sparsity: 0.5, criterion: 'magnitude', recover: 'none' },
  }),
  // The weights that are left are others here.
  recipe('pruned-50-refitted', { pass: 'prune-magnitude', parameters: { sparsity: 0.5 } }),
];

/** Base and target, as variants of one model. `wanted`: with a bound. */
const pairs = [
  { base: 'int8-static', target: 'int8-percentile', wanted: true },
  { base: 'fp32', target: 'head-only', wanted: true },
  { base: 'fp32', target: 'pruned-50', wanted: true },
  { base: 'fp32', target: 'pruned-50-refitted', wanted: false },
  { base: 'fp32', target: 'fp16', wanted: false },
  { base: 'int8-weights', target: 'int8-static', wanted: true },
  { base: undefined, target: 'pruned-50', wanted: false },
] as const;

/** The same net with another classifier: raw_data (field 9) of 10 x 80 floats is found by its tag and length. */
function withOtherHead(bytes: Buffer): Buffer {
  const tag = Buffer.from([0x4a, 0x80, 0x19]);
  const at = bytes.lastIndexOf(tag);
  if (at < 0) throw new Error('the sample net has another classifier than this bench knows');
  const other = Buffer.from(bytes);
  for (let i = at + tag.length; i < at + tag.length + 3200; i += 4) other.writeFloatLE(other.readFloatLE(i) * 1.01, i);
  return other;
}

/** y = x + float(b[0]) with so much of random bytes in `b`. */
function largeModel(weights: Uint8Array): Buffer {
  const toFloat = message(5, bytes(1, 'to'), int(3, 1), int(20, 2));
  return model(
    node('Gather', ['b', 'i'], ['g']),
    node('Cast', ['g'], ['f'], toFloat),
    node('Add', ['x', 'f'], ['y']),
    tensor(5, 'b', 2, [weights.length], weights),
    tensor(5, 'i', 7, [1], new Uint8Array(8)),
    value(11, 'x', 1, [1, 4]),
    value(12, 'y', 1, [1, 4]),
  );
}

/** Artifacts of all variants, once every run of them has ended: the agent may have them then, and nothing is measured. */
async function artifacts(lab: TestLab, modelId: string, names: readonly string[]): Promise<Map<string, BlobName>> {
  const job = await lab.submit({
    model: modelId,
    recipes: [...names],
    selector: { devices: [device] },
    protocol: 'quick',
  });
  await lab.ended(job.id, 600_000);
  const runs: Run[] = await lab.runs(job.id);
  return new Map(
    names.map((name) => {
      const artifact = runs.find((run) => run.recipe === name)?.artifact;
      if (!artifact) throw new Error(`${name} was not built`);
      return [name, { sha256: artifact.sha256, bytes: artifact.bytes }];
    }),
  );
}

interface Measured {
  readonly pair: string;
  /** Whether its ratio has a bound. */
  readonly wanted: boolean;
  readonly bytes: number;
  readonly plain: DeltaAnswer;
  /** The patch is made while the agent waits; it was made before; it was made again, thoroughly. */
  readonly first: DeltaAnswer;
  readonly ready: DeltaAnswer;
  readonly thorough: DeltaAnswer;
}

/** Resolves when the coordinator's log says that it has made this patch. */
async function made(lab: TestLab, target: BlobName, base: BlobName | undefined, zstd: number): Promise<void> {
  const parts = ['patch ready', target.sha256, `"base":"${base?.sha256}"`, `"zstd":${zstd},`];
  for (const end = performance.now() + readyMs; performance.now() < end; await setTimeout(20))
    if (lab.server.log.split('\n').some((line) => parts.every((part) => line.includes(part)))) return;
  throw new Error(`no patch of level ${zstd} after ${readyMs / 1000} s`);
}

async function measure(
  lab: TestLab,
  agent: HelperProcess,
  pair: string,
  target: BlobName,
  base: BlobName | undefined,
  wanted: boolean,
): Promise<Measured> {
  const ask = (as: 'plain' | 'patch') =>
    agent.ask<DeltaAnswer>({ target, as, ...(base && { base }) } satisfies DeltaQuestion);
  const plain = await ask('plain');
  const first = await ask('patch');
  // One that did not come in time is ready for the next who asks.
  if (wanted) await made(lab, target, base, 9);
  const ready = await ask('patch');
  // What is not small already is made again, thoroughly.
  if (wanted && ready.transferBytes > plain.transferBytes / 10) await made(lab, target, base, 16);
  const thorough = await ask('patch');
  return { pair, wanted, bytes: target.bytes, plain, first, ready, thorough };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  const lab = await startLab();
  const agent = new HelperProcess('delta-agent');
  try {
    const token = await lab.joinToken();
    await agent.ask({ connect: { url: lab.url, token, name: device, folder } } satisfies DeltaQuestion);
    const net = readFileSync(example('models/fashion-resnet.onnx'));
    const pushed = await lab.push('net', {
      model: net,
      calibration: readFileSync(example('data/fashion-calibration.npz')),
    });
    for (const own of ownRecipes) await lab.api('POST', '/recipes', own);
    await elsewhere(lab, 'net', 'head-only', withOtherHead(net));
    const names = [...new Set(pairs.flatMap(({ base, target }) => (base ? [base, target] : [target])))];
    const found = await artifacts(lab, pushed.id, names);
    const measured: Measured[] = [];
    for (const { base, target, wanted } of pairs) {
      const pair = `${base ?? 'nothing'} -> ${target}`;
      const result = await measure(lab, agent, pair, found.get(target)!, base && found.get(base), wanted);
      measured.push(result);
      options.log(`${pair}: ${result.plain.transferBytes} B plain, ${result.thorough.transferBytes} B as a patch`);
    }
    const megabytes = options.quick ? largeMegabytesQuick : largeMegabytes;
    const weights = randomBytes(megabytes * 1_000_000);
    const large = await lab.push('large', { model: largeModel(weights) });
    weights.fill(randomBytes(megabytes * 50_000), megabytes * 950_000);
    await elsewhere(lab, 'large', 'large-head', largeModel(weights));
    const both = await artifacts(lab, large.id, ['fp32', 'large-head']);
    const pair = `${megabytes} MB, the last 5 % changed`;
    measured.push(await measure(lab, agent, pair, both.get('large-head')!, both.get('fp32'), true));
    return judge(measured);
  } finally {
    agent.stop();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function elsewhere(lab: TestLab, model: string, name: string, artifact: Buffer): Promise<void> {
  await lab.api('POST', '/variants/elsewhere', { model, name, artifact: await lab.upload(artifact) });
}

function judge(measured: readonly Measured[]): BenchResult {
  const figures = measured.flatMap(({ pair, bytes, plain, first, ready, thorough, wanted }): Figure[] => {
    const ratio: Figure = {
      what: `${pair}: plain / patch`,
      value: plain.transferBytes / thorough.transferBytes,
      unit: '',
    };
    return [
      wanted ? { ...ratio, bound: { op: '>=', value: ratioWanted } } : ratio,
      { what: `${pair}: artifact`, value: bytes, unit: 'B' },
      { what: `${pair}: plain`, value: plain.transferBytes, unit: 'B' },
      { what: `${pair}: patch, quick`, value: ready.transferBytes, unit: 'B' },
      { what: `${pair}: patch, thorough`, value: thorough.transferBytes, unit: 'B' },
      { what: `${pair}: plain`, value: plain.seconds * 1000, unit: 'ms' },
      { what: `${pair}: patch made meanwhile`, value: first.seconds * 1000, unit: 'ms' },
      { what: `${pair}: patch, ready before`, value: ready.seconds * 1000, unit: 'ms' },
    ];
  });
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: measured,
    notes: [
      'bytes: everything that came over the wire for the artifact, manifests and envelopes too; plain: chunks of 256 KiB, each zstd level 3',
      'ms: from the request to the artifact verified, synced and adopted by a cache that has the base; loopback, one fetch each',
      'a patch is made at zstd level 9 while the agent waits, half a second at most, and again at level 16 when nobody measures on this machine',
    ],
  };
}

export const delta: Bench = { name: 'delta', title: 'Artifacts as the difference to a sibling', run };
