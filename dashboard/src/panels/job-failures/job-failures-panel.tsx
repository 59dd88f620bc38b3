import { useMutation } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { useBlocked, useLab, useTopic, useValues } from '../../app/lab-context.js';
import { randomKey } from '../../link/random-key.js';
import { Button } from '../../ui/button.js';
import { Empty } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import type { PanelProps } from '../panel-name.js';
import { failuresOf, retriesOf } from './failures.js';
import css from './job-failures.module.css';

/** Whose fault it is. */
const causeWords = {
  device: 'device',
  infrastructure: 'lab or link',
  user: 'model or settings',
} as const;

/** What failed in a job and why; what failed can be measured again. */
export function JobFailuresPanel({ subject }: PanelProps) {
  const { api } = useLab();
  const topic = useTopic(subject.jobId ? `job/${subject.jobId}` : undefined);
  const job = topic.entities.job.get(subject.jobId ?? '');
  const runs = useValues(topic.entities.run);
  const failures = useMemo(() => failuresOf(runs), [runs]);
  const retries = useMemo(() => (job ? retriesOf(job, runs) : []), [job, runs]);
  const blocked = useBlocked('operator');
  const [, navigate] = useLocation();
  // A press after a lost answer must not start the same job twice.
  const key = useRef(randomKey());
  const retry = useMutation({
    mutationFn: async () => {
      const made = [];
      for (const [i, body] of retries.entries()) made.push(await api.createJob(body, `${key.current}-${i}`));
      return made;
    },
    onSuccess: (made) => {
      key.current = randomKey();
      if (made[0]) navigate(made.length === 1 ? `/jobs/${made[0].id}` : '/jobs');
    },
  });
  if (failures.length === 0) return <Empty>Nothing has failed.</Empty>;
  const count = failures.reduce((sum, failure) => sum + failure.runs.length, 0);
  const isOpen = job?.state === 'queued' || job?.state === 'running';
  return (
    <div className={css.box}>
      <ScrollBox label="Failures of this job">
        <table>
          <thead>
            <tr>
              <th scope="col">What went wrong</th>
              <th scope="col">Cause</th>
              <th scope="col">Devices</th>
              <th scope="col">Runs</th>
            </tr>
          </thead>
          <tbody>
            {failures.map(({ code, cause, message, devices, runs: group }) => (
              <tr key={`${cause} ${code}`} data-testid={`failure-${code}`}>
                <th scope="row" className={css.what}>
                  {message} <code>{code}</code>
                </th>
                <td>{causeWords[cause]}</td>
                <td>{devices.join(', ')}</td>
                <td>
                  {group.slice(0, mostLinks).map((run) => (
                    <Link key={run.id} href={`/runs/${run.id}`} className={css.run}>
                      {run.recipe}
                    </Link>
                  ))}
                  {group.length > mostLinks && <span className="muted">and {group.length - mostLinks} more</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {retry.isError && <ErrorNotice error={retry.error} onRetry={() => retry.mutate()} />}
      <p className={css.actions}>
        <Button
          blocked={
            blocked ?? (isOpen ? 'The job still runs: what failed can be done again when it has ended' : undefined)
          }
          disabled={retry.isPending}
          onClick={() => retry.mutate()}
        >
          {retry.isPending ? 'Starting' : `Retry failed (${count})`}
        </Button>
        <span className="caption">
          {retries.length > 1 ? `Starts ${retries.length} jobs` : 'Starts a job'} with what failed, on the same devices
          and under the same protocol.
          {failures.some(({ cause }) => cause === 'user') &&
            ' What fails by its model or settings fails again as it is.'}
        </span>
      </p>
    </div>
  );
}

const mostLinks = 6;
