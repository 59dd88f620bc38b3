import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, int, message, model, node, tensor, value } from '../../test/support/onnx.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import type { CompressAnswer, CompressQuestion, PassQuestion } from './compress-worker.js';
import { HelperProcess } from './helper-process.js';
import { childrenOf, memoryOf, resetPeak } from './process-memory.js';

/** Times the file: what a process may take on top of its code. */
const ratioWanted = 3;
const lookEveryMs = 5;
const image = [3, 32, 32] as const;
const calibration = { items: 16, dims: image };
const float = 1;
const norms = ['scale', 'bias', 'mean', 'var'] as const;

const cases: readonly PassQuestion[] = [
  { pass: 'optimize' },
  { pass: 'fp16' },
  { pass: 'quantize-weights' },
  // Choosing by magnitude: least squares over 8,192 inputs needs matrices larger than this model.
  { pass: 'prune-magnitude', parameters: { criterion: 'magnitude', recover: 'none' } },
  { pass: 'quantize-static', calibration },
];

/** Convolutions with BatchNormalization, then a stack of Gemm: widths that make about `megabytes` of weights. */
function stack(megabytes: number): Buffer {
  // 150 weights of 4 bytes for each square of the width: 54 in convolutions, 64, 16 and 16 in Gemm.
  const width = Math.round(Math.sqrt((megabytes * 1e6) / 600) / 8) * 8;
  const hidden = width * 4;
  let state = 1;
  const weight = (name: string, dims: readonly number[], constant?: number): Buffer => {
    const count = dims.reduce((p, d) => p * d, 1);
    const gain = Math.sqrt(6 / (count / dims[0]!));
    const values = Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return constant ?? ((state >>> 8) / 2 ** 23 - 1) * gain;
    });
    return tensor(5, name, float, dims, new Uint8Array(values.buffer));
  };
  const ints = (name: string, values: readonly number[]): Buffer =>
    message(5, bytes(1, name), ...values.map((v) => int(8, v)), int(20, 7));
  const parts: Buffer[] = [];
  let at = 'x';
  const add = (op: string, more: readonly string[], ...attributes: Buffer[]): void => {
    const output = `t${parts.length}`;
    parts.push(node(op, [at, ...more], [output], ...attributes));
    at = output;
  };
  for (let i = 0; i < 7; i++) {
    parts.push(weight(`w${i}`, [width, i === 0 ? image[0] : width, 3, 3]));
    add('Conv', [`w${i}`], ints('pads', [1, 1, 1, 1]), ints('strides', i < 3 ? [2, 2] : [1, 1]));
    for (const what of norms) parts.push(weight(`${what}${i}`, [width], 0.5));
    add(
      'BatchNormalization',
      norms.map((what) => `${what}${i}`),
    );
    add('Relu', []);
  }
  add('Flatten', []);
  const widths = [width * 16, hidden, hidden, hidden, 10];
  for (const [i, to] of widths.slice(1).entries()) {
    parts.push(weight(`g${i}`, [widths[i]!, to]));
    add('Gemm', [`g${i}`]);
    if (i < 3) add('Relu', []);
  }
  parts.push(value(11, 'x', float, [1, ...image]), value(12, at, float, [1, 10]));
  return model(...parts);
}

interface Peaks {
  readonly parent: number;
  readonly child: number;
  /** Of both at one moment. */
  readonly together: number;
}

/** Asks the worker and looks at its memory and that of ONNX Runtime's process until it answers; bytes above what both took before. */
async function watched(
  worker: HelperProcess,
  question: CompressQuestion,
): Promise<{ peaks: Peaks; answer: CompressAnswer }> {
  const child = (): number | undefined => childrenOf(worker.pid)[0];
  const before = {
    parent: memoryOf(worker.pid)!.resident,
    child: memoryOf(child()!)!.resident,
  };
  resetPeak(worker.pid);
  resetPeak(child()!);
  const most = { parent: 0, child: 0, together: 0 };
  const look = (): void => {
    const parent = memoryOf(worker.pid);
    const pid = child();
    const runtime = pid === undefined ? undefined : memoryOf(pid);
    most.parent = Math.max(most.parent, parent?.peak ?? 0);
    most.child = Math.max(most.child, runtime?.peak ?? 0);
    most.together = Math.max(most.together, (parent?.resident ?? 0) + (runtime?.resident ?? 0));
  };
  const clock = setInterval(look, lookEveryMs);
  try {
    const answer = await worker.ask<CompressAnswer>(question);
    look();
    return {
      answer,
      peaks: {
        parent: most.parent - before.parent,
        child: most.child - before.child,
        together: most.together - before.parent - before.child,
      },
    };
  } finally {
    clearInterval(clock);
  }
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  try {
    const [file, warm] = [join(folder, 'stack.onnx'), join(folder, 'small.onnx')];
    writeFileSync(file, stack(options.quick ? 50 : 200));
    writeFileSync(warm, stack(1));
    const size = statSync(file).size;
    const figures: Figure[] = [];
    const raw: unknown[] = [];
    for (const each of cases) {
      // A fresh process for each: memory that one pass leaves behind is not the next one's.
      const worker = new HelperProcess('compress-worker');
      try {
        await worker.ask({ warm } satisfies CompressQuestion);
        const { peaks, answer } = await watched(worker, { ...each, file });
        raw.push({ ...each, peaks, answer });
        const bound = { op: '<=', value: ratioWanted } as const;
        figures.push(
          { what: `${each.pass}: its process / file`, value: peaks.parent / size, unit: '', bound },
          { what: `${each.pass}: ONNX Runtime's process / file`, value: peaks.child / size, unit: '', bound },
          { what: `${each.pass}: both at one moment / file`, value: peaks.together / size, unit: '' },
        );
        const times = [peaks.parent, peaks.child, peaks.together].map((peak) => (peak / size).toFixed(2));
        options.log(`${each.pass}: ${times.join(', ')} times the file, ${answer.seconds.toFixed(1)} s`);
      } finally {
        worker.stop();
      }
    }
    return {
      outcome: outcomeOf(figures),
      figures,
      raw: { size, cases: raw },
      notes: [
        `a stack of 7 Conv with BatchNormalization and 4 Gemm, ${(size / 1e6).toFixed(0)} MB, 43 % of it in one Gemm; weights random; 16 calibration images for quantize-static`,
        'peak resident memory (VmHWM) above what the process took before the call, all code loaded: the model as read, the result and all between count; a fresh process for each pass',
        `both at one moment: sums of resident memory, looked at every ${lookEveryMs} ms`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const compressMemory: Bench = {
  name: 'compress-memory',
  title: 'Memory of compression passes, in sizes of the model file',
  run,
};
