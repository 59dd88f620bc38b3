#!/usr/bin/env node
// A runner for `hilltop agent --runtime`: ONNX Runtime in a process of its own. The protocol is in docs/external-runtime.md;
// to bring another library, replace what touches `ort`. Nothing but answers may go to standard output.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-node';

const types = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};

let session;
let inputs = [];
let outputs = [];
const feeds = {};
let results = {};

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const refuse = (code, error) => answer({ error: { code, message: String(error?.message ?? error).slice(0, 2000) } });

/** Inputs come as files: exactly the tensor's bytes. */
function readInputs() {
  for (const { name, type, dims, file } of inputs) {
    const bytes = readFileSync(file);
    const data = new types[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    feeds[name] = new ort.Tensor(type, data, dims);
  }
}

const does = {
  hello: () =>
    answer({
      done: 'hello',
      protocol: 1,
      version: ort.env.versions?.node ?? ort.env.versions?.common ?? 'unknown',
      providers: ['cpu'],
    }),

  async load({ model, threads, inputs: given, outputs: wanted }) {
    const start = process.hrtime.bigint();
    try {
      session = await ort.InferenceSession.create(model, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
      });
    } catch (error) {
      return refuse('model-rejected', error);
    }
    inputs = given;
    outputs = wanted;
    readInputs();
    answer({ done: 'load', ns: Number(process.hrtime.bigint() - start) });
  },

  async infer({ do: kind, inferences, readInputs: again }) {
    if (again) readInputs();
    const ns = [];
    for (let i = 0; i < inferences; i++) {
      // The inference alone: not the files, not the line.
      const start = process.hrtime.bigint();
      results = await session.run(feeds);
      ns.push(Number(process.hrtime.bigint() - start));
    }
    answer({ done: kind, ns });
  },

  output() {
    for (const { name, file } of outputs) {
      const { data } = results[name];
      writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    answer({ done: 'output' });
  },

  quit: () => process.exit(0),
};
does.warmup = does.infer;

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  try {
    await does[question.do](question);
  } catch (error) {
    refuse('failed', error);
  }
}
