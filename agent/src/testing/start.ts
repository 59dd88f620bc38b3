import type { RunStart } from '@hilltop/contracts';
import { nullModel } from '../runtimes/null-model.js';
import { type FakeLab, newId } from './fake-lab.js';

/** A start of the null model under a protocol of two tiny blocks; override what a test is about. */
export function runStart(lab: FakeLab, fence: number, over: Partial<RunStart> = {}): RunStart {
  return {
    runId: newId('run'),
    jobId: newId('job'),
    attempt: 1,
    fence,
    deviceId: lab.deviceId,
    deviceKey: 'host',
    ttlMs: 30_000,
    artifact: lab.addBlob(nullModel.bytes),
    inputs: nullModel.inputs,
    outputs: nullModel.outputs,
    protocol: {
      name: 'quick',
      scenario: 'single-stream',
      blocks: 2,
      blockMinMs: 1,
      blockMinInferences: 20,
      warmUpMinMs: 0,
      warmUpMinInferences: 10,
      warmUpMaxMs: 50,
      blockTimeoutMs: 20_000,
    },
    settings: { threads: 1, graphLevel: 'all' },
    ...over,
  };
}
