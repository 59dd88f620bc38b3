import { type ErrorCode, errorStatus, hasSweepEnded, LabError, Sweep, Trial } from '@hilltop/contracts';
import { type ExitStatus, exitStatus } from '../shell/exit-status.js';
import type { Terminal } from '../shell/terminal.js';
import { styleFor } from '../text/style.js';
import { SweepProgress } from '../text/sweep-progress.js';
import type { LabClient } from './client.js';
import { followTopic } from './follow.js';

/** Shows a sweep's progress until it ends, and returns it. Throws `run.cancelled` when the person stops watching; the sweep goes on. */
export async function followSweep(client: LabClient, sweepId: string, terminal: Terminal): Promise<Sweep> {
  const progress = new SweepProgress(terminal, styleFor(terminal, terminal.err), sweepId);
  try {
    await followTopic({
      address: { url: client.url, ...(client.token && { token: client.token }) },
      topic: `sweep/${sweepId}`,
      signal: terminal.signal,
      onChanges: progress.changed,
      onLink: progress.link,
      until: (entities) => {
        const sweep = entities.sweep.get(sweepId);
        return sweep !== undefined && hasSweepEnded(sweep.state);
      },
    });
  } finally {
    progress.end();
  }
  if (terminal.signal.aborted)
    throw new LabError(
      'run.cancelled',
      `stopped watching; the sweep goes on: \`hilltop sweep show ${sweepId} --wait\``,
    );
  return client.get(`/api/v1/sweeps/${sweepId}`, Sweep);
}

/** All trials of a sweep, in the order in which they were proposed. */
export async function sweepTrials(client: LabClient, sweepId: string): Promise<Trial[]> {
  const trials = await client.list<Trial>(`/api/v1/sweeps/${sweepId}/trials`, Trial);
  return trials.sort((a, b) => a.number - b.number);
}

/** The exit status a sweep stands for: what the lab or the devices did to it is infrastructure, everything else an answer. */
export function sweepStatus({ state, error }: Pick<Sweep, 'state' | 'error'>, trials: readonly Trial[]): ExitStatus {
  if (state === 'succeeded') return 0;
  if (state !== 'failed') return 1;
  if (error && error.code in errorStatus && exitStatus(new LabError(error.code as ErrorCode, error.message)) === 3)
    return 3;
  const causes = trials.flatMap((trial) => (trial.state === 'failed' ? (trial.error?.cause ?? []) : []));
  return causes.length > 0 && causes.every((cause) => cause === 'infrastructure') ? 3 : 1;
}
