import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TensorPack } from '@hilltop/contracts';
import { itemsAsFloat32 } from '@hilltop/contracts';
import { root } from '../../test/support/lab.js';
import { bootstrapRatio, type Interval } from './statistics.js';

export interface PairTiming {
  /** Latency of the first divided by that of the second: how many times faster the second is. */
  readonly speedup: Interval;
  /** Median latency of the first, ms. */
  readonly firstMs: number;
  readonly n: number;
}

export interface PairOptions {
  /** Types of the model's inputs, in order. */
  readonly types: readonly string[];
  readonly pack: TensorPack;
  /** Whether an item gets a first axis of 1. */
  readonly batched: readonly boolean[];
  readonly processes: number;
  readonly quadruples: number;
}

/** Interleaved single-thread latencies of two models with one item, in fresh processes. */
export async function timePair(first: Uint8Array, second: Uint8Array, options: PairOptions): Promise<PairTiming> {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-pair-'));
  try {
    const [a, b] = [join(folder, 'a.onnx'), join(folder, 'b.onnx')];
    writeFileSync(a, first);
    writeFileSync(b, second);
    const inputs = options.pack.inputs.map((input, i) => ({
      type: options.types[i],
      dims: options.batched[i] ? [1, ...input.dims] : input.dims,
      values: [...itemsAsFloat32(input, 0, 1)],
    }));
    const task = JSON.stringify({ a, b, inputs, quadruples: options.quadruples, blockMs: 20 });
    const ratios: number[] = [];
    let firstMs = 0;
    for (let i = 0; i < options.processes; i++) {
      const answer = await pairLoop(task);
      ratios.push(...answer.ratios);
      firstMs = answer.aMs;
    }
    return { speedup: bootstrapRatio(ratios.map((r) => 1 / r)), firstMs, n: ratios.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pairLoop(task: string): Promise<{ ratios: number[]; aMs: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'bench/pair-loop.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`the pair loop ended with ${code}`)),
    );
    child.stdin.end(task);
  });
}
