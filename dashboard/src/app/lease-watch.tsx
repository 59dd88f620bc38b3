import type { Reservation } from '@hilltop/contracts';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { formatClock } from '../format/time.js';
import { leftText } from '../panels/leases/lease-model.js';
import { type LeaseNotice, lastMinute, leaseNotices } from '../panels/leases/lease-notices.js';
import {
  forgetLease,
  halfHour,
  type LeaseNews,
  leaseNews,
  useLeaseCommand,
} from '../panels/leases/use-lease-command.js';
import { Button } from '../ui/button.js';
import { Modal } from '../ui/modal.js';
import { dialogScope, useKeys } from './keys.js';
import { useBlocked, useMe, useNow, useTopic, useValues } from './lab-context.js';
import css from './lease-watch.module.css';

const clock = (instant: string | undefined): string => formatClock(Date.parse(instant ?? ''));

/** On every screen: what the person's leases need of them now, and what came of their commands. */
export function LeaseWatch() {
  const reservations = useValues(useTopic('lab').entities.reservation);
  const me = useMe().data;
  const now = useNow(1000);
  const news = useStore(leaseNews, ({ items }) => items);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const close = (key: string): void => setClosed((before) => new Set([...before, key]));
  const notices = leaseNotices(reservations, me, now);
  const last = lastMinute(
    notices.filter(({ key }) => !closed.has(`${key} last`)),
    now,
  );
  const shown = notices.filter(({ key }) => !closed.has(key));
  return (
    <>
      {shown.length + news.length > 0 && (
        <section className={css.stack} aria-label="Your leases">
          {shown.map((notice) => (
            <div key={notice.key} className={css.toast} data-kind={notice.kind} data-testid={`lease-${notice.kind}`}>
              <p role={notice.kind === 'ask' || notice.kind === 'forced' ? 'alert' : 'status'} className={css.text}>
                <NoticeText notice={notice} />
              </p>
              {/* Seconds are for the eye only: a screen reader would count along. */}
              {notice.kind !== 'answered' && (
                <span className={css.left} aria-hidden>
                  {leftText(endOf(notice), now)}
                </span>
              )}
              <div className={css.actions}>
                <NoticeActions notice={notice} />
                <Button size="small" kind="quiet" onClick={() => close(notice.key)}>
                  Hide
                </Button>
              </div>
            </div>
          ))}
          {news.map((each) => (
            <News key={each.key} news={each} />
          ))}
        </section>
      )}
      {last && (
        <LastMinute
          key={last.key}
          reservation={last.reservation}
          left={leftText(last.reservation.until, now)}
          onClose={() => close(`${last.key} last`)}
        />
      )}
    </>
  );
}

/** What came of a command is read and done with; what needs an answer stays. */
const newsMs = 15_000;

function News({ news: { key, text } }: { readonly news: LeaseNews }) {
  useEffect(() => {
    const timer = setTimeout(() => forgetLease(key), newsMs);
    return () => clearTimeout(timer);
  }, [key]);
  return (
    <div className={css.toast} data-testid="lease-news">
      <p role="status" className={css.text}>
        {text}
      </p>
      <div className={css.actions}>
        <Button size="small" kind="quiet" onClick={() => forgetLease(key)}>
          Hide
        </Button>
      </div>
    </div>
  );
}

const endOf = ({ kind, reservation: { ask, forced, until } }: LeaseNotice): string | undefined =>
  kind === 'ask' ? ask?.until : kind === 'forced' ? forced?.at : until;

function NoticeText({ notice: { kind, reservation } }: { readonly notice: LeaseNotice }) {
  const { deviceName, ask, forced, until } = reservation;
  const device = <strong>{deviceName}</strong>;
  switch (kind) {
    case 'ask':
      return (
        <>
          <strong>{ask?.by.name}</strong> asks for {device}.
        </>
      );
    case 'granted':
      return <>{device} is free for you: take it, or the next one gets it.</>;
    case 'forced':
      return (
        <>
          {forced?.by} takes {device} at {clock(forced?.at)}: {forced?.reason}
        </>
      );
    case 'ending':
      return (
        <>
          Your lease of {device} ends at {clock(until)}.
        </>
      );
    case 'answered':
      return ask?.answer === 'later' ? (
        <>
          {reservation.holder.name} gives you {device} at {clock(ask.givesAt)}.
        </>
      ) : (
        <>
          {reservation.holder.name} keeps {device} for now; the queue stays.
        </>
      );
  }
}

function NoticeActions({ notice: { kind, reservation } }: { readonly notice: LeaseNotice }) {
  const { open } = useDialogs();
  const { run, isPending } = useLeaseCommand();
  const props = { blocked: useBlocked('operator'), disabled: isPending, size: 'small' } as const;
  switch (kind) {
    case 'ask':
      return (
        <>
          <Button {...props} kind="primary" onClick={() => run((api) => api.answerLease(reservation, 'give'))}>
            Give
          </Button>
          <Button {...props} onClick={() => run((api) => api.answerLease(reservation, 'later'))}>
            In 10 min
          </Button>
          <Button {...props} onClick={() => run((api) => api.answerLease(reservation, 'no'))}>
            No
          </Button>
        </>
      );
    case 'granted':
      return (
        <>
          <Button {...props} kind="primary" onClick={() => run((api) => api.commandLease(reservation, 'take'))}>
            Take it
          </Button>
          <Button {...props} onClick={() => run((api) => api.commandLease(reservation, 'release'))}>
            Leave it
          </Button>
        </>
      );
    case 'ending':
      return (
        <>
          <Button {...props} onClick={() => run((api) => api.extendLease(reservation, halfHour))}>
            Extend 30 min
          </Button>
          <Button {...props} onClick={() => open('hand-over', { deviceId: reservation.deviceId! })}>
            Hand over…
          </Button>
        </>
      );
    case 'forced':
    case 'answered':
      return null;
  }
}

interface LastMinuteProps {
  readonly reservation: Reservation;
  readonly left: string;
  readonly onClose: () => void;
}

/** The last minute: one key keeps the device (WCAG 2.2.1). */
function LastMinute({ reservation, left, onClose }: LastMinuteProps) {
  const { run, isPending } = useLeaseCommand();
  const blocked = useBlocked('operator');
  const extend = (): void => run((api) => api.extendLease(reservation, halfHour));
  useKeys(dialogScope, [{ keys: 'e', does: 'keep the device for 30 more minutes', run: extend, blocked }]);
  return (
    <Modal
      title={`${reservation.deviceName}: your lease ends`}
      description="A run of yours that measures keeps the device until it ends. Without an answer the next in the queue gets it."
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button
            blocked={blocked}
            disabled={isPending}
            onClick={() => run((api) => api.commandLease(reservation, 'release'))}
          >
            Release
          </Button>
          <Button kind="primary" blocked={blocked} disabled={isPending} onClick={extend} autoFocus>
            Extend 30 min (e)
          </Button>
        </>
      }
    >
      <p className={css.hero} aria-hidden>
        {left}
      </p>
    </Modal>
  );
}
