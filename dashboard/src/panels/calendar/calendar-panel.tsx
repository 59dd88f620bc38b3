import { useState } from 'react';
import { useBlocked, useMe, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { formatClock } from '../../format/time.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { partyKey } from '../leases/lease-model.js';
import css from './calendar.module.css';
import { calendarRows, percentOf, type SpanName, spanOf, spans, ticksOf } from './calendar-model.js';
import { CalendarTrack } from './calendar-track.js';

const dayText = (ms: number): string =>
  new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' }).format(ms);

/** Rows are devices, columns time. The list below says the same in words, for narrow screens and for those who listen. */
export function CalendarPanel() {
  const topic = useTopic('lab');
  const { entities } = topic;
  const now = useNow(10_000);
  const me = useMe().data;
  const { open } = useDialogs();
  const blocked = useBlocked('operator');
  const [name, setName] = useState<SpanName>('today');
  const span = spanOf(name, now);
  const rows = calendarRows({
    ...{ devices: useValues(entities.device), reservations: useValues(entities.reservation) },
    ...{ schedules: useValues(entities.schedule), owner: me && partyKey(me), span, nowMs: now },
  });
  if (topic.phase === 'waiting') return <Skeleton rows={4} />;
  if (rows.length === 0) return <Empty>No device to reserve yet.</Empty>;
  return (
    <div className={css.calendar}>
      <div className={css.tools}>
        <Field label="Show" layout="inline">
          {(control) => (
            <select {...control} value={name} onChange={(event) => setName(event.target.value as SpanName)}>
              {spans.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
        </Field>
        <ul className={css.key} aria-label="What the blocks are">
          <li data-kind="lease">lease</li>
          <li data-kind="queue">queue, earliest</li>
          <li data-kind="schedule">schedule, next start</li>
          <li data-kind="quarantine">out of rotation</li>
        </ul>
      </div>
      <ScrollBox label="Calendar">
        <div className={css.grid} data-testid="calendar">
          <div className={css.row}>
            <span />
            <div className={css.hours} aria-hidden>
              {ticksOf(span).map((at) => (
                <span key={at} style={{ left: `${percentOf(span, at)}%` }}>
                  {name === 'today' ? formatClock(at) : dayText(at)}
                </span>
              ))}
            </div>
          </div>
          {rows.map((row) => (
            <CalendarTrack
              key={row.device.id}
              row={row}
              span={span}
              nowMs={now}
              blocked={blocked}
              onBook={(forSeconds) => open('reserve', { deviceId: row.device.id, forSeconds })}
            />
          ))}
        </div>
      </ScrollBox>
      <p className="caption">
        Drag to the right from now on to say for how long, or use “Reserve…”. Times of the queue assume that everybody
        uses all of theirs.
      </p>
    </div>
  );
}
