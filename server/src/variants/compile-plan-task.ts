import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { compilePlan, createHost } from '@hilltop/compression';

import type { CompiledPlan, TensorInfo } from '@hilltop/contracts';
import { readBytes } from '../links/read-bytes.js';
import type { Task } from '../links/worker-pool.js';

export interface CompilePlanInput {
  readonly artifactFile: string;
  /** Concrete inputs of the artifact. */
  readonly inputs: readonly TensorInfo[];
  /** Where the plan goes. */
  readonly outputFile: string;
}

export const compilePlanTask: Task<CompilePlanInput, CompiledPlan> = { name: 'compile-plan' };

const limits = { cpuSecondsLimit: 60, wallMs: 120_000 } as const;

/** An artifact -> its plan for microcontrollers. Throws `plan.unsupported` with the node, and the codes of Host. */
export async function compilePlanWork(
  { artifactFile, inputs, outputFile }: CompilePlanInput,
  _progress: (value: never) => void,
  signal: AbortSignal,
): Promise<CompiledPlan> {
  const host = createHost(limits);
  try {
    const dims = Object.fromEntries(inputs.map((input) => [input.name, input.dims.map(Number)]));
    const { plan, facts } = await compilePlan(await readBytes(artifactFile), { host, dims, signal });
    await writeFile(outputFile, plan, { mode: 0o600 });
    const { bytes, arenaBytes, macs } = facts;
    return { sha256: createHash('sha256').update(plan).digest('hex'), bytes, arenaBytes, macs };
  } finally {
    await host.close();
  }
}
