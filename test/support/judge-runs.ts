import type { Run } from '@hilltop/contracts';
import { expect } from '@jest/globals';
import type { TestLab } from './lab.js';
import { readTruth, truthBreaches } from './truth.js';

/** A run of the job that measures now. */
export const measuring = (lab: TestLab, jobId: string): Promise<Run> =>
  lab
    .watch(`job/${jobId}`)
    .until((e) => [...e.run.values()].find((r) => r.state === 'running' && (r.progress?.block ?? 0) >= 0));

/** I1, I2: every run ended once and was counted once; I3, I4: nothing overlapped, fences only grew. */
export async function judgeRuns(lab: TestLab, jobId: string, expected: number): Promise<Run[]> {
  expect(truthBreaches(readTruth(lab.truthFile))).toEqual([]);
  const runs = await lab.runs(jobId);
  expect(runs.map((r) => r.state)).toEqual(Array.from({ length: expected }, () => 'succeeded'));
  expect(new Set(runs.map((r) => `${r.deviceId} ${r.variantId}`)).size).toBe(expected);
  for (const run of runs) {
    expect(run.metrics.latency_p50_ms).toBeDefined();
    const last = readTruth(lab.truthFile).filter(
      (t) => t.runId === run.id && t.fence === run.fence && t.what === 'start',
    );
    expect(last.length).toBe(run.protocol.blocks);
  }
  return runs;
}
