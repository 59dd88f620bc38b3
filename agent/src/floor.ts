import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Floor, quantileOfSorted } from '@hilltop/contracts';
import { sha256Hex } from './identity.js';
import { nullModel } from './runtimes/null-model.js';
import type { RuntimeDriver } from './runtimes/runtime.js';

/** Short, so that it may run at every start: the floor is some microseconds and steady at once. */
const warmUp = { minMs: 50, minInferences: 50, maxMs: 300 };
const rule = { minMs: 150, minInferences: 1000 };
const timeoutMs = 30_000;

/** The harness's own latency floor: the null model through the very path a run takes. */
export async function measureFloor(
  driver: RuntimeDriver,
  workDir: string,
  now: () => Date,
  signal: AbortSignal,
): Promise<Floor> {
  const folder = await mkdtemp(join(workDir, 'null-'));
  try {
    const path = join(folder, 'null.onnx');
    await writeFile(path, nullModel.bytes);
    const rows: number[] = [];
    const result = await driver.block(
      {
        artifact: { path, sha256: sha256Hex(nullModel.bytes), bytes: nullModel.bytes.length },
        settings: { threads: 1, graphLevel: 'all' },
        inputs: nullModel.inputs,
        outputs: nullModel.outputs,
        timeoutMs,
      },
      warmUp,
      rule,
      { onLatency: (values) => rows.push(...values) },
      signal,
    );
    const sorted = Float64Array.from(rows).sort();
    return {
      latencyP50Ms: quantileOfSorted(sorted, 0.5),
      latencyP99Ms: quantileOfSorted(sorted, 0.99),
      memoryBytes: Math.max(0, Math.round(result.process.peak_bytes - result.process.rss_baseline_bytes)),
      inferences: sorted.length,
      measuredAt: now().toISOString(),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
