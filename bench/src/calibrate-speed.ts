import { applyRecipe, createHost, findRecipe } from '@hilltop/compression';
import { mulberry32, type TensorPack } from '@hilltop/contracts';
import * as ort from 'onnxruntime-node';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { convNet, imageDims } from './conv-net.js';
import { quantile } from './statistics.js';

/** Calibration inputs, and inferences they are held against. */
const items = 256;
/** A static quantization may take this many times the inferences, and seconds for starting, reading and writing. */
const allowedTimes = 2;
const allowedSeconds = 2;
const roundsWanted = 7;
const roundsQuick = 1;

const itemSize = imageDims.reduce((product, d) => product * d, 1);

function images(): TensorPack {
  const random = mulberry32(11);
  const data = Float32Array.from({ length: items * itemSize }, () => random() * 2 - 1);
  return {
    items,
    inputs: [{ type: 'float32', dims: [...imageDims], scale: 1, offset: 0, data: new Uint8Array(data.buffer) }],
  };
}

/** Seconds for all items, one by one, through a warm session of the graph as it is. */
async function inferences(model: Uint8Array, pack: TensorPack): Promise<number> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'disabled',
  });
  const { data } = pack.inputs[0]!;
  const values = new Float32Array(data.buffer, data.byteOffset, items * itemSize);
  const run = async (item: number): Promise<void> => {
    const x = new ort.Tensor('float32', values.subarray(item * itemSize, (item + 1) * itemSize), [1, ...imageDims]);
    for (const value of Object.values(await session.run({ x }))) value.dispose();
  };
  for (let item = 0; item < 8; item++) await run(item);
  const start = performance.now();
  for (let item = 0; item < items; item++) await run(item);
  const seconds = (performance.now() - start) / 1000;
  await session.release();
  return seconds;
}

/** Seconds for the shipped recipe, from a host that is not running yet to the artifact. */
async function quantization(model: Uint8Array, calibration: TensorPack): Promise<{ seconds: number; bytes: number }> {
  const start = performance.now();
  const host = createHost();
  try {
    const { artifact } = await applyRecipe({ model, recipe: findRecipe('int8-static'), calibration, host });
    return { seconds: (performance.now() - start) / 1000, bytes: artifact.length };
  } finally {
    await host.close();
  }
}

async function run({ quick, log }: BenchOptions): Promise<BenchResult> {
  const model = new Uint8Array(convNet());
  const pack = images();
  const rounds: { inferences: number; quantization: number; share: number }[] = [];
  let bytes = 0;
  // Inferences before and after each quantization: a drift that is linear in time cancels.
  let before = await inferences(model, pack);
  for (let round = 0; round < (quick ? roundsQuick : roundsWanted); round++) {
    const made = await quantization(model, pack);
    const after = await inferences(model, pack);
    const mean = (before + after) / 2;
    bytes = made.bytes;
    rounds.push({
      inferences: mean,
      quantization: made.seconds,
      share: made.seconds / (allowedTimes * mean + allowedSeconds),
    });
    log(`round ${round + 1}: ${made.seconds.toFixed(2)} s, ${items} inferences ${mean.toFixed(2)} s`);
    before = after;
  }
  const median = (of: (round: (typeof rounds)[number]) => number): number => quantile(rounds.map(of), 0.5);
  const figures: Figure[] = [
    {
      what: `static int8 as a share of the time it may take (${allowedTimes} x the inferences + ${allowedSeconds} s)`,
      value: median((r) => r.share),
      unit: '',
      n: rounds.length,
      bound: { op: '<=', value: 1 },
    },
    { what: 'longest of them', value: Math.max(...rounds.map((r) => r.share)), unit: '' },
    { what: 'optimize and quantize-static', value: median((r) => r.quantization), unit: 's', n: rounds.length },
    { what: `${items} inferences`, value: median((r) => r.inferences), unit: 's', n: rounds.length },
    { what: 'model', value: model.length / 1e6, unit: 'MB' },
    { what: 'model in int8', value: bytes / 1e6, unit: 'MB' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: rounds,
    notes: [
      `recipe int8-static with ${items} calibration items on a residual net with BatchNormalization that takes one item at a time; from no runtime process to the checked artifact, medians of ${rounds.length}`,
      'held against warm inferences of the graph as exported (no graph optimization), one thread, batch 1',
    ],
  };
}

export const calibrateSpeed: Bench = {
  name: 'calibrate',
  title: 'Static int8 of an 11 MB net against inferences of it',
  run,
};
