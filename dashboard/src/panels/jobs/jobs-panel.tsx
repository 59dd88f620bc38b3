import { useMemo } from 'react';
import { Link, useRoute } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Progress } from '../../ui/progress.js';
import { JobStateMark } from '../../ui/state-mark.js';
import { jobShare, jobTitle, orderJobs } from './job-share.js';
import css from './jobs.module.css';

/** The lab's page shows so many; a search alone may have a job for each of a hundred trials. */
const shownOnLab = 6;

/** Recent jobs, the running ones first. */
export function JobsPanel() {
  const topic = useTopic('lab');
  const all = useValues(topic.entities.job);
  const jobs = useMemo(() => orderJobs(all), [all]);
  const { open } = useDialogs();
  const [isLab] = useRoute('/');
  if (topic.phase === 'waiting') return <Skeleton />;
  if (jobs.length === 0) {
    return (
      <Empty
        action={
          <div>
            <Button onClick={() => open('new-job')}>New job</Button>
          </div>
        }
      >
        No job yet. Drop a model, choose recipes and devices, and the frontier fills in as runs finish.
      </Empty>
    );
  }
  const shown = isLab ? jobs.slice(0, shownOnLab) : jobs;
  return (
    <>
      <ul className={css.list}>
        {shown.map((job) => {
          const share = jobShare(job);
          return (
            <li key={job.id} className={css.row} data-testid={`job-row-${job.id}`}>
              <Link href={`/jobs/${job.id}`} className={css.title}>
                {jobTitle(job)}
              </Link>
              <JobStateMark state={job.state} />
              <Progress
                fraction={share.fraction}
                failed={share.failedFraction}
                label={`Progress of ${jobTitle(job)}`}
              />
              <span className={css.detail}>
                {share.done} of {share.total} runs{share.failed > 0 ? `, ${share.failed} failed` : ''} ·{' '}
                {job.protocol.name} · <Ago instant={job.createdAt} />
              </span>
            </li>
          );
        })}
      </ul>
      {shown.length < jobs.length && <Link href="/jobs">All {jobs.length} recent jobs</Link>}
    </>
  );
}
