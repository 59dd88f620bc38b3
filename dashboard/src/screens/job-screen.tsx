import { useMutation, useQuery } from '@tanstack/react-query';
import { useBlocked, useLab, useNow, useTopic } from '../app/lab-context.js';
import { formatDuration } from '../format/time.js';
import { jobShare, jobTitle } from '../panels/jobs/job-share.js';
import { Panel } from '../panels/panel.js';
import { Ago } from '../ui/ago.js';
import { Button } from '../ui/button.js';
import { Skeleton } from '../ui/empty.js';
import { ErrorNotice } from '../ui/notice.js';
import { Progress } from '../ui/progress.js';
import { JobStateMark } from '../ui/state-mark.js';
import { NotFoundScreen } from './not-found-screen.js';
import css from './screen.module.css';
import { ScreenHead } from './screen-head.js';

/** One job, live: progress by device, the latency trace, the frontier filling in. */
export function JobScreen({ id }: { readonly id: string }) {
  const { api } = useLab();
  const topic = useTopic(`job/${id}`);
  const live = topic.entities.job.get(id);
  // The topic of a job that does not exist may be empty or refused: REST says which.
  const asked = useQuery({ queryKey: ['job', id], queryFn: () => api.job(id), enabled: !live });
  const job = live ?? asked.data;
  const now = useNow(1000);
  const blocked = useBlocked('operator');
  const cancel = useMutation({ mutationFn: () => api.cancelJob(id) });
  if (!job) return asked.isError ? <NotFoundScreen what={`The job ${id}`} /> : <Skeleton rows={6} />;
  const share = jobShare(job);
  const isOpen = job.state === 'queued' || job.state === 'running';
  const took = job.startedAt ? (job.endedAt ? Date.parse(job.endedAt) : now) - Date.parse(job.startedAt) : undefined;
  return (
    <>
      <ScreenHead
        title={jobTitle(job)}
        crumbs={[
          ['Lab', '/'],
          ['Jobs', '/jobs'],
          [job.modelName, `/models/${job.modelName}`],
        ]}
        actions={
          isOpen && (
            <Button kind="danger" blocked={blocked} disabled={cancel.isPending} onClick={() => cancel.mutate()}>
              {cancel.isPending ? 'Cancelling' : 'Cancel job'}
            </Button>
          )
        }
      >
        <JobStateMark state={job.state} testId="job-state" />
        <span className="muted">
          {share.done} of {share.total} runs · {job.protocol.name} ·{' '}
          {took === undefined ? (
            <>
              queued <Ago instant={job.createdAt} />
            </>
          ) : (
            formatDuration(took)
          )}
          {job.createdBy && ` · ${job.createdBy}`}
        </span>
      </ScreenHead>
      <Progress fraction={share.fraction} failed={share.failedFraction} label="Progress of the job" />
      {job.error && <ErrorNotice error={`${job.error.message} (${job.error.code})`} />}
      {cancel.isError && <ErrorNotice error={cancel.error} onRetry={() => cancel.mutate()} />}
      <div className={css.two}>
        <Panel
          name="frontier"
          title={`Frontier of ${job.modelName}`}
          subject={{
            modelId: job.modelId,
            deviceIds: job.devices.map((device) => device.deviceId),
            protocol: job.protocol.name,
          }}
        />
        <div className={css.stack}>
          <Panel name="job-progress" subject={{ jobId: id }} />
          <Panel name="trace" subject={{ jobId: id }} />
        </div>
      </div>
      {share.failed > 0 && <Panel name="job-failures" subject={{ jobId: id }} />}
      <Panel name="job-runs" subject={{ jobId: id }} />
    </>
  );
}
