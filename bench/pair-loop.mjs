/**
 * Two models in one process, by turns: A B B A, so that what drifts linearly cancels. Reads a task as JSON on standard
 * input and prints the ratio of their median latencies (B / A) of each quadruple.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const { a, b, inputs, quadruples, blockMs } = JSON.parse(readFileSync(0, 'utf8'));

/** @param {string} model */
async function runner(model) {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
  const feeds = {};
  for (const [i, name] of session.inputNames.entries()) {
    const { type, dims, values } = inputs[i];
    const data =
      type === 'int64'
        ? BigInt64Array.from(values, BigInt)
        : type === 'int32'
          ? Int32Array.from(values)
          : Float32Array.from(values);
    feeds[name] = new ort.Tensor(type, data, dims);
  }
  return async (ms) => {
    const latencies = [];
    const start = performance.now();
    let t1 = start;
    while (t1 - start < ms || latencies.length < 5) {
      const t0 = performance.now();
      await session.run(feeds);
      t1 = performance.now();
      latencies.push(t1 - t0);
    }
    latencies.sort((x, y) => x - y);
    return latencies[latencies.length >> 1];
  };
}

const [runA, runB] = [await runner(a), await runner(b)];
await runA(10 * blockMs);
await runB(10 * blockMs);
const ratios = [];
const times = [];
for (let i = 0; i < quadruples; i++) {
  const [a1, b1, b2, a2] = [await runA(blockMs), await runB(blockMs), await runB(blockMs), await runA(blockMs)];
  ratios.push(Math.sqrt((b1 * b2) / (a1 * a2)));
  times.push(Math.sqrt(a1 * a2));
}
times.sort((x, y) => x - y);
process.stdout.write(`${JSON.stringify({ ratios, aMs: times[times.length >> 1] })}\n`);
process.exit(0);
