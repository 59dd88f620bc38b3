import { Job, Run } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { LabClient } from '../lab/client.js';
import { followJob, hasEnded, jobStatus } from '../lab/follow-job.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { jobText } from '../text/job-text.js';
import { jobAddress } from './run.js';

/** Shows a job; with --wait follows it to its end and exits with its outcome. */
export async function jobShow(context: Context): Promise<ExitStatus> {
  const { lab, terminal, style } = context;
  const id = encodeURIComponent(context.positionals[0]!);
  let job = await lab.get(`/api/v1/jobs/${id}`, Job);
  const wait = context.options.flag('wait');
  if (wait && !hasEnded(job)) job = await followJob(lab, job.id, terminal);
  const runs = context.json ? [] : await jobRuns(lab, job.id);
  context.answer(job, () => jobText(job, runs, style, terminal.now(), jobAddress(lab.url, job)));
  return wait ? jobStatus(job) : 0;
}

/** The runs of a job, in the order in which they ended. */
export async function jobRuns(lab: LabClient, jobId: string): Promise<Run[]> {
  const runs = await lab.list<Run>('/api/v1/runs', Run, { job: jobId });
  return runs.sort((a, b) => (a.endedAt ?? a.queuedAt).localeCompare(b.endedAt ?? b.queuedAt));
}
