/**
 * The bare loop the lab's figures are held against: onnxruntime-node and nothing of the lab. Reads a task as JSON
 * on standard input, runs the model at batch 1 and prints the median latency by nearest rank.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const { model, inputs, threads, graphLevel, warmUpMs, warmUpInferences, measureMs, measureInferences } = JSON.parse(
  readFileSync(0, 'utf8'),
);
const session = await ort.InferenceSession.create(model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: graphLevel,
  logSeverityLevel: 3,
});
const feeds = {};
for (const { name, dims } of inputs) {
  const data = new Float32Array(dims.reduce((product, d) => product * d, 1));
  for (let i = 0; i < data.length; i++) data[i] = ((i * 7919) % 2048) / 1024 - 1;
  feeds[name] = new ort.Tensor('float32', data, dims);
}

const warmUpStart = performance.now();
for (let n = 0; n < warmUpInferences || performance.now() - warmUpStart < warmUpMs; n++) await session.run(feeds);

const latencies = [];
const start = performance.now();
let t1 = start;
while (latencies.length < measureInferences || t1 - start < measureMs) {
  const t0 = performance.now();
  await session.run(feeds);
  t1 = performance.now();
  latencies.push(t1 - t0);
}
latencies.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ p50: latencies[Math.ceil(latencies.length / 2) - 1], n: latencies.length })}\n`,
);
process.exit(0);
