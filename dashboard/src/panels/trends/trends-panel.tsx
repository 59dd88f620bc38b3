import { formatMetric, isLabError } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useTopic } from '../../app/lab-context.js';
import { zoneTime } from '../../format/zone-time.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import { Button } from '../../ui/button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { Spark } from '../gate/spark.js';
import { shownNights } from '../nights/use-nights.js';
import type { PanelProps } from '../panel-name.js';
import { stepText, trendRows } from './trend-rows.js';

/** Rows without a change that stand open. */
const shownRows = 12;

/** Every metric of every point over the nights, with where it changed. */
export function TrendsPanel({ subject }: PanelProps) {
  const api = useNightsApi();
  const id = subject.scheduleId!;
  const last = useTopic('lab').entities.schedule.get(id)?.last;
  const [isWhole, setWhole] = useState(false);
  const asked = useQuery({
    queryKey: ['trends', id, last?.state === 'ended' ? last.id : undefined],
    queryFn: () => api.trends({ schedule: id }, shownNights),
    placeholderData: (before) => before,
    retry: false,
  });
  const rows = useMemo(() => trendRows(asked.data ?? []), [asked.data]);
  if (isLabError(asked.error, 'sweep.unknown')) return <Empty>No night has ended yet.</Empty>;
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={4} />;
  if (rows.length === 0) return <Empty>One night is no trend: it takes two.</Empty>;
  const shown = isWhole ? rows : rows.filter(({ change }, i) => change || i < shownRows);
  return (
    <>
      <ScrollBox label="Metrics over the nights">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Nights</th>
              <th scope="col" className="number">
                Newest
              </th>
              <th scope="col">Changed</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ trend, name, values, change }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <Spark values={values} label={name} />
                </td>
                <td className="number">{formatMetric(trend.metric, trend.nights.at(-1)!.value)}</td>
                <td>
                  {change && (
                    <>
                      {change.verdict === 'worse' ? '▼ worse' : '▲ improved'} {stepText(trend.scale, change.change)}{' '}
                      since <Link href={`/sweeps/${change.sweepId}`}>{zoneTime(change.at)}</Link>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {shown.length < rows.length && (
        <p>
          <Button size="small" onClick={() => setWhole(true)}>
            Show all {rows.length}
          </Button>
        </p>
      )}
    </>
  );
}
