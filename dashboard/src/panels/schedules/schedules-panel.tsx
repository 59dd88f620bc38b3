import type { Schedule } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useBlocked, useLab, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { formatUntil, zoneTime } from '../../format/zone-time.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import { LaneCounts } from '../gate/lanes.js';
import { NightMark } from '../nights/night-mark.js';
import { NightStrip } from '../nights/night-strip.js';
import { nightWord } from '../nights/night-words.js';
import { useNights } from '../nights/use-nights.js';
import css from './schedules.module.css';

/** Every schedule: when it starts next, how the last night went, and the thirty before. */
export function SchedulesPanel() {
  const topic = useTopic('lab');
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  const schedules = [...useValues(topic.entities.schedule)].sort((a, b) => a.name.localeCompare(b.name));
  if (topic.phase === 'waiting') return <Skeleton rows={4} />;
  if (schedules.length === 0)
    return (
      <Empty
        action={
          <Button kind="primary" blocked={blocked} onClick={() => open('new-schedule')}>
            New schedule
          </Button>
        }
      >
        No schedule yet. A schedule starts a sweep by the clock and holds it against a baseline. The examples hold a
        sweep file for it:
        <CopyLine
          label="command to add a schedule"
          text="npx hilltop schedule add nightly --cron '0 2 * * *' --sweep examples/sweeps/nightly.yaml"
        />
      </Empty>
    );
  return (
    <ul className={css.list}>
      {schedules.map((schedule) => (
        <ScheduleRow key={schedule.id} schedule={schedule} />
      ))}
    </ul>
  );
}

function ScheduleRow({ schedule }: { readonly schedule: Schedule }) {
  const nights = useNights(schedule.id);
  const [newest, before] = nights.data ?? [];
  // While one runs, how the last one went stands beside it.
  const shown = newest?.start.state === 'running' && before ? [newest, before] : newest ? [newest] : [];
  return (
    <li className={css.row} data-testid={`schedule-${schedule.name}`}>
      <div className={css.head}>
        <Link href={`/schedules/${schedule.id}`} className={css.name}>
          {schedule.name}
        </Link>
        <NextStart schedule={schedule} />
        <ScheduleActions schedule={schedule} />
      </div>
      {shown.map((night) => (
        <p key={night.start.id} className={css.last}>
          <NightMark night={nightWord(night)} />
          {night.gate && (
            <>
              <LaneCounts lanes={night.gate.lanes} />
              <Link href={`/gates/${night.gate.id}`}>row by row</Link>
            </>
          )}
          <span className="muted">{zoneTime(night.start.dueAt, schedule.timezone)}</span>
        </p>
      ))}
      {nights.isError && <ErrorNotice error={nights.error} onRetry={() => void nights.refetch()} />}
      {nights.data && nights.data.length > 0 && (
        <NightStrip nights={nights.data} timezone={schedule.timezone} label={`Nights of ${schedule.name}`} />
      )}
    </li>
  );
}

/** When it starts next: in its own zone, and here. */
export function NextStart({ schedule }: { readonly schedule: Schedule }) {
  const now = useNow(30_000);
  const { clock } = useLab();
  const { nextAt, timezone } = schedule;
  if (schedule.paused) return <span className="muted">paused: it starts by hand only</span>;
  if (nextAt === undefined) return <span className="muted">never due again</span>;
  return (
    <span className="muted">
      next {zoneTime(nextAt, timezone)} ({timezone}), here {zoneTime(nextAt)},{' '}
      {formatUntil(Date.parse(nextAt) - Math.max(now, clock.nowMs()))}
    </span>
  );
}

/** Start now, pause or resume, remove: removing asks once. */
export function ScheduleActions({
  schedule,
  onRemoved,
}: {
  readonly schedule: Schedule;
  readonly onRemoved?: () => void;
}) {
  const api = useNightsApi();
  const blocked = useBlocked('operator');
  const [isAsking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: async (command: 'trigger' | 'pause' | 'resume' | 'remove') => {
      if (command === 'trigger') await api.triggerSchedule(schedule.id);
      else if (command === 'remove') await api.removeSchedule(schedule.id);
      else await api.commandSchedule(schedule.id, command);
    },
    onSuccess: (_done, command) => {
      if (command !== 'remove') return;
      setAsking(false);
      onRemoved?.();
    },
  });
  const isRunning = schedule.last?.state === 'running' ? 'Its last start still runs: never two at once.' : undefined;
  return (
    <div className={css.actions}>
      <Button
        size="small"
        blocked={blocked ?? isRunning}
        disabled={act.isPending}
        aria-label={`Start now: ${schedule.name}`}
        onClick={() => act.mutate('trigger')}
      >
        Start now
      </Button>
      <Button
        size="small"
        blocked={blocked}
        disabled={act.isPending}
        aria-label={`${schedule.paused ? 'Resume' : 'Pause'} ${schedule.name}`}
        onClick={() => act.mutate(schedule.paused ? 'resume' : 'pause')}
      >
        {schedule.paused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        size="small"
        kind="danger"
        blocked={blocked}
        disabled={act.isPending}
        aria-label={`Remove ${schedule.name}`}
        onClick={() => setAsking(true)}
      >
        Remove
      </Button>
      {act.isError && !isAsking && <ErrorNotice error={act.error} />}
      <Modal
        title={`Remove ${schedule.name}?`}
        description="Its list of nights goes with it. Its sweeps and gates stay, also one that runs."
        isOpen={isAsking}
        onOpenChange={setAsking}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>Keep</Button>
            <Button kind="danger" blocked={blocked} disabled={act.isPending} onClick={() => act.mutate('remove')}>
              Remove
            </Button>
          </>
        }
      >
        {act.isError && <ErrorNotice error={act.error} />}
      </Modal>
    </div>
  );
}
