import { hasSweepEnded, type Sweep } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { Skeleton } from '../../ui/empty.js';
import { Progress } from '../../ui/progress.js';
import { jobShare, jobTitle } from '../jobs/job-share.js';
import { volumeText } from '../sweeps/sweep-words.js';
import css from './now.module.css';

const shownMost = 6;

/** What runs now: jobs with their progress, sweeps with what they found. */
export function NowPanel() {
  const topic = useTopic('lab');
  const jobs = useValues(topic.entities.job).filter(
    ({ state, sweepId }) => (state === 'running' || state === 'queued') && sweepId === undefined,
  );
  const sweeps = useValues(topic.entities.sweep).filter(({ state }) => !hasSweepEnded(state));
  if (topic.phase === 'waiting') return <Skeleton rows={1} />;
  if (jobs.length + sweeps.length === 0) return <p className="muted">Nothing runs or waits.</p>;
  const more = jobs.length + sweeps.length - 2 * shownMost;
  return (
    <ul className={css.list} data-testid="now">
      {sweeps.slice(0, shownMost).map((sweep) => (
        <SweepRow key={sweep.id} sweep={sweep} />
      ))}
      {jobs.slice(0, shownMost).map((job) => {
        const share = jobShare(job);
        return (
          <li key={job.id} className={css.row}>
            <Link href={`/jobs/${job.id}`}>{jobTitle(job)}</Link>
            <span className="muted">
              {share.done}/{share.total} runs
            </span>
            <Progress fraction={share.fraction} failed={share.failedFraction} label={`Progress of ${jobTitle(job)}`} />
          </li>
        );
      })}
      {more > 0 && <li className="muted">and {more} more</li>}
    </ul>
  );
}

function SweepRow({ sweep }: { readonly sweep: Sweep }) {
  const { name, used, file } = sweep;
  const done = used.runs;
  // A budget of runs is the only end that is known before.
  const most = file.budget.runs;
  return (
    <li className={css.row}>
      <Link href={`/sweeps/${sweep.id}`}>{name}</Link>
      <span className="muted">
        {done}
        {most === undefined ? '' : `/${most}`} runs{volumeText(sweep)}
      </span>
      {most !== undefined && <Progress fraction={done / most} label={`Progress of ${name}`} />}
    </li>
  );
}
