import type { Run } from '@hilltop/contracts';
import { Job, jobStates, LabError } from '@hilltop/contracts';
import type { ExitStatus } from '../shell/exit-status.js';
import type { Terminal } from '../shell/terminal.js';
import { JobProgress } from '../text/job-progress.js';
import { styleFor } from '../text/style.js';
import type { LabClient } from './client.js';
import { followTopic } from './follow.js';

const endStates: readonly (typeof jobStates)[number][] = ['succeeded', 'failed', 'cancelled'];
export const hasEnded = (job: Pick<Job, 'state'>): boolean => endStates.includes(job.state);

/** Shows a job's progress until it ends, and returns it. Throws `run.cancelled` when the person stops watching; the job goes on. */
export async function followJob(
  client: LabClient,
  jobId: string,
  terminal: Terminal,
  onRunEnded?: (run: Run) => void,
): Promise<Job> {
  const progress = new JobProgress(terminal, styleFor(terminal, terminal.err), jobId, onRunEnded);
  try {
    await followTopic({
      address: { url: client.url, ...(client.token && { token: client.token }) },
      topic: `job/${jobId}`,
      signal: terminal.signal,
      onChanges: progress.changed,
      onLive: progress.lively,
      onLink: progress.link,
      until: (entities) => {
        const job = entities.job.get(jobId);
        return job !== undefined && hasEnded(job);
      },
    });
  } finally {
    progress.end();
  }
  if (terminal.signal.aborted)
    throw new LabError('run.cancelled', `stopped watching; the job goes on: \`hilltop job show ${jobId} --wait\``);
  return client.get(`/api/v1/jobs/${jobId}`, Job);
}

/** The exit status a job stands for: what the devices or the lab did to it is infrastructure, everything else an answer. */
export function jobStatus(job: Job): ExitStatus {
  if (job.state === 'succeeded') return 0;
  return failedByInfrastructure(job) ? 3 : 1;
}

/** Whether nothing but infrastructure is to blame for a failed job. */
export function failedByInfrastructure(job: Job): boolean {
  const causes = [job.error, ...job.devices.map((device) => device.error)].flatMap((error) => error?.cause ?? []);
  return job.state === 'failed' && causes.length > 0 && causes.every((cause) => cause === 'infrastructure');
}
