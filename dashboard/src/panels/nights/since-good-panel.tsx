import type { Schedule } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { zoneTime } from '../../format/zone-time.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { useGate } from '../gate/use-gate.js';
import type { PanelProps } from '../panel-name.js';
import css from './nights.module.css';
import { nightsToCompare, sinceGood } from './since-good.js';
import { useNights } from './use-nights.js';

/** News that stand open; the rest is behind a fold. */
const shownNews = 6;
const shapes = { regressed: '▼', improved: '▲', infrastructure: '■', environment: '↺' } as const;

/** What changed since the last good night: of one schedule, or of each in the lab. */
export function SinceGoodPanel({ subject }: PanelProps) {
  const lab = useTopic('lab');
  const all = useValues(lab.entities.schedule);
  if (lab.phase === 'waiting') return <Skeleton />;
  const schedules = all.filter(({ id }) => subject.scheduleId === undefined || id === subject.scheduleId);
  if (schedules.length === 0) return <Empty>No schedule yet, and no night to tell of.</Empty>;
  return (
    <div className={css.news}>
      {schedules.map((schedule) => (
        <OneSchedule key={schedule.id} schedule={schedule} isNamed={subject.scheduleId === undefined} />
      ))}
    </div>
  );
}

function OneSchedule({ schedule, isNamed }: { readonly schedule: Schedule; readonly isNamed: boolean }) {
  const api = useNightsApi();
  const nights = useNights(schedule.id);
  const { newest, good } = nightsToCompare(nights.data ?? []);
  const now = useGate(newest?.gate?.id).data;
  const before = useGate(good?.gate?.id).data;
  const isNow = newest !== undefined && newest === good;
  const changes = useQuery({
    queryKey: ['gate-environment', now?.id, before?.sweepId],
    queryFn: () => api.environment(now!.id, before?.sweepId),
    enabled: now !== undefined && !isNow,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = useMemo(
    () => (now && !isNow ? sinceGood(now, before, changes.data ?? []) : undefined),
    [now, before, changes.data, isNow],
  );
  const name = isNamed && (
    <>
      <Link href={`/schedules/${schedule.id}`}>{schedule.name}</Link>:{' '}
    </>
  );
  if (nights.isError) return <ErrorNotice error={nights.error} onRetry={() => void nights.refetch()} />;
  if (!nights.data) return <Skeleton rows={1} />;
  if (!newest)
    return (
      <p className="muted" data-testid={`since-${schedule.name}`}>
        {name}
        {schedule.baseline === undefined
          ? 'not held against a baseline, so there is nothing to tell good nights by.'
          : 'no night has been judged yet.'}
      </p>
    );
  return (
    <div data-testid={`since-${schedule.name}`}>
      <p className={css.sentence}>
        {name}
        {isNow && good ? (
          <>the newest night is a good one ({zoneTime(good.start.dueAt, schedule.timezone)}).</>
        ) : (
          <>
            {good
              ? `since ${zoneTime(good.start.dueAt, schedule.timezone)}`
              : 'against the baseline (no night was good yet)'}
            : {found?.sentence ?? '…'}.
          </>
        )}
      </p>
      {found && found.items.length > 0 && <NewsList items={found.items} gateId={now!.id} />}
    </div>
  );
}

interface NewsListProps {
  readonly items: ReturnType<typeof sinceGood>['items'];
  readonly gateId: string;
}

function NewsList({ items, gateId }: NewsListProps) {
  const line = (item: NewsListProps['items'][number]) => (
    <li key={item.text}>
      <span aria-hidden="true" className={css.sign} data-lane={item.lane}>
        {shapes[item.lane]}
      </span>{' '}
      {item.row === undefined ? item.text : <Link href={`/gates/${gateId}?row=${item.row}`}>{item.text}</Link>}{' '}
      <span className="caption">{item.lane}</span>
    </li>
  );
  return (
    <>
      <ul className={css.items}>{items.slice(0, shownNews).map(line)}</ul>
      {items.length > shownNews && (
        <details>
          <summary>{items.length - shownNews} more</summary>
          <ul className={css.items}>{items.slice(shownNews).map(line)}</ul>
        </details>
      )}
    </>
  );
}
