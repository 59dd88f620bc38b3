import { isLabError } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { useTopic, useValues } from '../app/lab-context.js';
import { useNightsApi } from '../link/use-nights-api.js';
import { NightStrip } from '../panels/nights/night-strip.js';
import { useNights } from '../panels/nights/use-nights.js';
import { Panel } from '../panels/panel.js';
import { NextStart, ScheduleActions } from '../panels/schedules/schedules-panel.js';
import { Skeleton } from '../ui/empty.js';
import { Facts } from '../ui/facts.js';
import { ErrorNotice } from '../ui/notice.js';
import { NotFoundScreen } from './not-found-screen.js';
import { ScreenHead } from './screen-head.js';

/** One schedule, by id or name: its nights, what it is held against, and how its metrics went. */
export function ScheduleScreen({ id }: { readonly id: string }) {
  const api = useNightsApi();
  const [, navigate] = useLocation();
  const lab = useTopic('lab');
  const live = useValues(lab.entities.schedule).find((each) => each.id === id || each.name === id);
  const asked = useQuery({ queryKey: ['schedule', id], queryFn: () => api.schedule(id), enabled: !live, retry: false });
  const schedule = live ?? asked.data;
  const nights = useNights(schedule?.id);
  const baselines = useQuery({ queryKey: ['baselines'], queryFn: api.baselines });
  if (!schedule)
    return asked.isError ? (
      isLabError(asked.error, 'schedule.unknown') ? (
        <NotFoundScreen what={`The schedule ${id}`} />
      ) : (
        <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />
      )
    ) : (
      <Skeleton rows={6} />
    );
  const baseline = baselines.data?.find(({ name }) => name === schedule.baseline);
  const { file } = schedule;
  return (
    <>
      <ScreenHead
        title={schedule.name}
        crumbs={[['Schedules', '/schedules']]}
        actions={<ScheduleActions schedule={schedule} onRemoved={() => navigate('/schedules')} />}
      >
        <NextStart schedule={schedule} />
      </ScreenHead>
      {nights.data && nights.data.length > 0 && (
        <NightStrip nights={nights.data} timezone={schedule.timezone} label="The last thirty nights" />
      )}
      <Panel name="since-good" subject={{ scheduleId: schedule.id }} />
      <Panel name="nights" subject={{ scheduleId: schedule.id }} />
      <Panel name="trends" subject={{ scheduleId: schedule.id }} />
      <Facts
        rows={[
          ['Rule', <code key="rule">{`${schedule.cron} (${schedule.timezone})`}</code>],
          ['Missed starts', schedule.missed === 'once' ? 'are made up for once' : 'are not made up for'],
          [
            'Baseline',
            schedule.baseline === undefined ? (
              'none'
            ) : baseline ? (
              <Link key="baseline" href={`/sweeps/${baseline.sweepId}`}>
                {schedule.baseline}
              </Link>
            ) : (
              schedule.baseline
            ),
          ],
          [
            'At most worse by',
            schedule.baseline === undefined
              ? undefined
              : `${(100 * (schedule.maxRegression ?? 0.01)).toPrecision(2)} %`,
          ],
          ['Sweep', `${file.name}: ${file.models.join(', ')}`],
          ['Protocol', `${file.protocol}, ${file.replicates} ${file.replicates === 1 ? 'run' : 'runs'} of each point`],
          ['In the name of', schedule.createdBy],
        ]}
      />
    </>
  );
}
