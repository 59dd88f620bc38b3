import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BoardRule, encodeTensorPack } from '@hilltop/contracts';
import { sha256Hex } from '../identity.js';
import { dataLayout } from '../run-executor.js';
import type { Subject } from '../runtimes/runtime.js';

const inputs = [{ name: 'x', type: 'float32' as const, dims: [1, 10] }];
const outputs = [{ name: 'y', type: 'float32' as const, dims: [1, 10] }];

export interface LabelledOptions {
  readonly dir: string;
  readonly artifact: Uint8Array;
  readonly board: BoardRule;
  readonly timeoutMs: number;
  /** Of the data; absent: there is none. */
  readonly items?: number | undefined;
  readonly stored?: 'uint8' | 'float32';
  /** Value of an item's largest element, and of the others. */
  readonly values?: readonly [largest: number, other: number];
}

/** Ten values in, ten classes out; item i has its largest value at i % 10, and the label says so but for every fourth. */
export async function labelledSubject(options: LabelledOptions): Promise<Subject> {
  const { dir, artifact, items, stored = 'float32', values: [largest, other] = [7, 0] } = options;
  const path = join(dir, 'artifact');
  await writeFile(path, artifact);
  const subject = {
    artifact: { path, sha256: sha256Hex(artifact), bytes: artifact.length },
    settings: { threads: 1, graphLevel: 'all' as const },
    inputs,
    outputs,
    timeoutMs: options.timeoutMs,
    board: options.board,
  };
  if (items === undefined) return subject;
  const values = Array.from({ length: items * 10 }, (_, k) => (k % 10 === Math.floor(k / 10) % 10 ? largest : other));
  const data = stored === 'uint8' ? Uint8Array.from(values) : new Uint8Array(Float32Array.from(values).buffer);
  const pack = encodeTensorPack({
    items,
    classes: 10,
    labels: Int32Array.from({ length: items }, (_, i) => (i % 4 === 0 ? (i + 1) % 10 : i % 10)),
    inputs: [{ type: stored, dims: [10], scale: 1, offset: 0, data }],
  });
  const dataPath = join(dir, 'data');
  await writeFile(dataPath, pack);
  const start = {
    inputs,
    evaluation: { sha256: sha256Hex(pack), bytes: pack.length, items },
    qualityMetric: 'accuracy' as const,
  };
  return { ...subject, data: { path: dataPath, layout: await dataLayout(dataPath, start) } };
}
