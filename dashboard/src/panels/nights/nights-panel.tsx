import { useEffect, useRef } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useKeys } from '../../app/keys.js';
import { useTopic } from '../../app/lab-context.js';
import { zoneTime } from '../../format/zone-time.js';
import { Ago } from '../../ui/ago.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { LaneCounts } from '../gate/lanes.js';
import type { PanelProps } from '../panel-name.js';
import { NightMark } from './night-mark.js';
import { hrefOf } from './night-strip.js';
import { nightWord } from './night-words.js';
import css from './nights.module.css';
import { useNights } from './use-nights.js';

const causes = { rule: '', late: 'made up for', hand: 'by hand' } as const;

/** Every start of a schedule and how its gate stands today, newest first; `[` and `]` step through the nights. */
export function NightsPanel({ subject }: PanelProps) {
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const schedule = useTopic('lab').entities.schedule.get(subject.scheduleId ?? '');
  const asked = useNights(subject.scheduleId);
  const nights = asked.data ?? [];
  const at = Math.max(
    0,
    nights.findIndex(({ start }) => start.id === search.get('night')),
  );
  const current = nights[at];
  const step = (by: 1 | -1): void => {
    const next = nights[at + by];
    if (next) setSearch({ night: next.start.id }, { replace: true });
  };
  const none = current ? undefined : 'There is no night yet.';
  useKeys('Nights', [
    { keys: '[', does: 'earlier night', run: () => step(1), blocked: none },
    { keys: ']', does: 'later night', run: () => step(-1), blocked: none },
    {
      keys: 'Enter',
      does: 'open the night',
      run: (event) => {
        const own = (event.target as Element | null)?.closest('a, button, summary') ?? undefined;
        const href = current && hrefOf(current);
        if (own instanceof HTMLElement) own.click();
        else if (href !== undefined) navigate(href);
      },
      blocked: none,
    },
  ]);
  const row = useRef<HTMLTableRowElement>(null);
  const chosen = search.get('night');
  useEffect(() => {
    if (chosen !== null) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={6} />;
  if (nights.length === 0) return <Empty>No night yet: it starts by its rule, or now with "Start now".</Empty>;
  return (
    <ScrollBox label="Nights, the newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Night</th>
            <th scope="col">How it went</th>
            <th scope="col">Told apart</th>
            <th scope="col">Sweep</th>
          </tr>
        </thead>
        <tbody>
          {nights.map((night) => {
            const { start, gate } = night;
            const isCurrent = night === current;
            return (
              <tr
                key={start.id}
                ref={isCurrent ? row : undefined}
                data-testid={`night-${start.id}`}
                className={isCurrent ? css.current : undefined}
                aria-current={isCurrent || undefined}
              >
                <th scope="row" className={css.when}>
                  {zoneTime(start.dueAt, schedule?.timezone)}
                  <span className={css.small}>
                    {causes[start.cause]} {start.startedBy}
                  </span>
                </th>
                <td>
                  {gate ? (
                    <Link href={`/gates/${gate.id}`}>
                      <NightMark night={nightWord(night)} />
                    </Link>
                  ) : (
                    <NightMark night={nightWord(night)} />
                  )}
                  {start.error && <span className={css.small}>{start.error.message}</span>}
                </td>
                <td>
                  {gate && <LaneCounts lanes={gate.lanes} />}
                  {gate && (
                    <span className={css.small}>
                      vs {gate.baselineName}, {gate.lanes.improved} improved, {gate.lanes.same} same
                      {gate.lanes.accepted > 0 && `, ${gate.lanes.accepted} accepted`}
                    </span>
                  )}
                </td>
                <td>
                  {start.sweepId && <Link href={`/sweeps/${start.sweepId}`}>sweep</Link>}
                  <span className={css.small}>
                    <Ago instant={start.endedAt ?? start.at} />
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}
