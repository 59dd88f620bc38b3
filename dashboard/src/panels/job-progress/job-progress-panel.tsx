import type { Job, Run } from '@hilltop/contracts';
import { isHeld } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useStore } from 'zustand';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { formatShare } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Progress } from '../../ui/progress.js';
import { progressText } from '../devices/progress-text.js';
import type { PanelProps } from '../panel-name.js';
import css from './job-progress.module.css';

/** Each device of the job with its own progress and cause. */
export function JobProgressPanel({ subject }: PanelProps) {
  const topic = useTopic(subject.jobId ? `job/${subject.jobId}` : undefined);
  const job = topic.entities.job.get(subject.jobId ?? '');
  const runs = useValues(topic.entities.run);
  if (!job) return topic.phase === 'waiting' ? <Skeleton /> : <Empty>This job is not known here.</Empty>;
  if (job.devices.length === 0) return <Empty>No device has a run of this job yet.</Empty>;
  return (
    <ul className={css.list}>
      {job.devices.map((device) => (
        <DeviceRow
          key={device.deviceId}
          device={device}
          current={runs.find((run) => run.deviceId === device.deviceId && isHeld(run.state))}
        />
      ))}
    </ul>
  );
}

function DeviceRow({
  device,
  current,
}: {
  readonly device: Job['devices'][number];
  readonly current: Run | undefined;
}) {
  const live = useStore(useLab().traces.latest, (state) => (current ? state.byRun.get(current.id) : undefined));
  const progress = live ?? current?.progress;
  // The run under way counts with the part it has done.
  const done = device.done + (current && progress ? progress.fraction : 0);
  const fraction = device.total === 0 ? 0 : done / device.total;
  return (
    <li className={css.row} data-testid={`job-device-${device.deviceName}`}>
      <Link href={`/devices/${device.deviceName}`} className={css.name}>
        {device.deviceName}
      </Link>
      <span className="number">
        {device.done} of {device.total}
        {device.failed > 0 && <span className={css.failed}> · {device.failed} failed</span>}
      </span>
      <Progress
        fraction={fraction}
        failed={device.total === 0 ? 0 : device.failed / device.total}
        label={`Progress on ${device.deviceName}`}
      />
      {current && (
        <p className={css.detail}>
          <Link href={`/runs/${current.id}`}>{current.recipe}</Link> {progressText(progress)}{' '}
          {progress && formatShare(progress.fraction)}
        </p>
      )}
      {device.error && (
        <p className={css.error}>
          {device.error.cause ? `${device.error.cause}: ` : ''}
          {device.error.message} <code>{device.error.code}</code>
        </p>
      )}
    </li>
  );
}
