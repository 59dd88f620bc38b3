/**
 * One process of a night: onnxruntime-node and nothing of the lab. Reads a task as JSON on standard input, runs the model
 * at batch 1 and prints the median latency by nearest rank. `spin`: so much of each inference's time is spun away in it,
 * which is what a regression of that size looks like.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const { model, inputs, warmUpMs, measureMs, spin } = JSON.parse(readFileSync(0, 'utf8'));
const session = await ort.InferenceSession.create(model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
});
const feeds = {};
for (const { name, dims } of inputs) {
  const data = new Float32Array(dims.reduce((product, d) => product * d, 1));
  for (let i = 0; i < data.length; i++) data[i] = ((i * 7919) % 2048) / 1024 - 1;
  feeds[name] = new ort.Tensor('float32', data, dims);
}

const inference = async () => {
  const t0 = performance.now();
  await session.run(feeds);
  let t1 = performance.now();
  const until = t1 + spin * (t1 - t0);
  while (t1 < until) t1 = performance.now();
  return t1 - t0;
};

const warmUpStart = performance.now();
while (performance.now() - warmUpStart < warmUpMs) await inference();
const latencies = [];
const start = performance.now();
while (performance.now() - start < measureMs) latencies.push(await inference());
latencies.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ p50: latencies[Math.ceil(latencies.length / 2) - 1], n: latencies.length })}\n`,
);
process.exit(0);
