import { energySensors, maxAttempts } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useLab, useTopic } from '../app/lab-context.js';
import { pointLabel } from '../panels/frontier/point.js';
import { jobTitle } from '../panels/jobs/job-share.js';
import { Panel } from '../panels/panel.js';
import { useRun } from '../panels/runs/use-run.js';
import { Skeleton } from '../ui/empty.js';
import { EmulatedBadge } from '../ui/emulated-badge.js';
import { ErrorNotice } from '../ui/notice.js';
import { RunStateMark, VerdictMark } from '../ui/state-mark.js';
import { NotFoundScreen } from './not-found-screen.js';
import css from './screen.module.css';
import { ScreenHead } from './screen-head.js';

/** One run: phases, trace, power, metrics, verdict with its evidence, settings and versions. */
export function RunScreen({ id }: { readonly id: string }) {
  const { traces } = useLab();
  const { run, isWaiting, error, retry } = useRun(id);
  const lab = useTopic('lab').entities;
  const job = useTopic(run ? `job/${run.jobId}` : undefined).entities.job.get(run?.jobId ?? '');
  const model = lab.model.get(run?.modelId ?? '');
  const device = lab.device.get(run?.deviceId ?? '');
  if (!run) {
    if (isWaiting) return <Skeleton rows={6} />;
    return error && (error as { code?: string }).code !== 'run.unknown' ? (
      <ErrorNotice error={error} onRetry={retry} />
    ) : (
      <NotFoundScreen what={`The run ${id}`} />
    );
  }
  const subject = { runId: run.id, jobId: run.jobId, modelId: run.modelId, deviceId: run.deviceId };
  const isOpen = run.endedAt === undefined;
  const hasPower = energySensors(run.environment?.sensors ?? []).length > 0;
  return (
    <>
      <ScreenHead
        title={`${pointLabel(run)} on ${run.deviceName}`}
        crumbs={[
          ['Lab', '/'],
          [model?.name ?? 'Model', `/models/${model?.name ?? run.modelId}`],
          ['Job', `/jobs/${run.jobId}`],
        ]}
      >
        <RunStateMark state={run.state} />
        {device?.emulated && <EmulatedBadge />}
        {run.verdict && <VerdictMark verdict={run.verdict.verdict} />}
        <span className="muted">
          {run.protocol.name}
          {run.attempt > 0 && ` · attempt ${run.attempt} of at most ${maxAttempts}`} ·{' '}
          <Link href={`/devices/${run.deviceName}`}>{run.deviceName}</Link> ·{' '}
          <Link href={`/jobs/${run.jobId}`}>{job ? jobTitle(job) : 'job'}</Link>
          {job?.createdBy && ` of ${job.createdBy}`}
        </span>
      </ScreenHead>
      {run.error && <ErrorNotice error={`${run.error.message} (${run.error.code}, cause: ${run.error.cause})`} />}
      <Panel name="run-phases" subject={subject} />
      {(isOpen || run.state === 'succeeded' || traces.of(run.id)) && (
        <Panel name="trace" title={isOpen ? 'Latency, live' : 'Latency'} subject={subject} />
      )}
      {run.state === 'succeeded' && <Panel name="run-distribution" subject={subject} />}
      {hasPower && <Panel name="run-power" title={isOpen ? 'Power, live' : 'Power'} subject={subject} />}
      <div className={`${css.two} ${css.half}`}>
        <Panel name="run-metrics" subject={subject} />
        <Panel name="run-verdict" subject={subject} />
      </div>
      {device?.kind === 'microcontroller' && <Panel name="layers" subject={subject} />}
      {device?.kind === 'host' && <Panel name="profile" subject={subject} />}
      {device?.kind === 'microcontroller' && <Panel name="console" subject={subject} />}
      <Panel name="run-settings" subject={subject} />
      <Panel name="notes" subject={subject} />
    </>
  );
}
