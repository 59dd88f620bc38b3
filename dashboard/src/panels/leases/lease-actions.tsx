import { allows, type Device, type LeaseAnswer, type Reservation } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useBlocked, useLab, useMe } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { ErrorNotice } from '../../ui/notice.js';
import { type DeviceLeases, isOwn } from './lease-model.js';
import css from './leases.module.css';
import { halfHour, useLeaseCommand } from './use-lease-command.js';

export interface LeaseActionsProps {
  readonly device: Device;
  readonly leases: DeviceLeases;
}

const durations = [15, 30, 60, 120, 240] as const;
const minutesText = (minutes: number): string => (minutes < 60 ? `${minutes} min` : `${minutes / 60} h`);

/** Everything that the person at the screen may do about a device's lease now; all else is not offered. */
export function LeaseActions({ device, leases }: LeaseActionsProps) {
  const { api } = useLab();
  const { open } = useDialogs();
  const wish = useLeaseCommand();
  const me = useMe().data;
  const blocked = useBlocked('operator');
  const [minutes, setMinutes] = useState(30);
  const [asking, setAsking] = useState<'force'>();
  const act = useMutation({
    mutationFn: (command: () => Promise<Reservation>) => command(),
    onSuccess: () => setAsking(undefined),
  });
  const run = (command: () => Promise<Reservation>) => () => act.mutate(command);
  const { current, own } = leases;
  const isMine = current !== undefined && isOwn(current.holder, me);
  const busy = { blocked, disabled: act.isPending || wish.isPending, size: 'small' } as const;
  return (
    <div className={css.actions}>
      {!own && (
        <>
          <select
            aria-label={`How long to reserve ${device.name}`}
            value={minutes}
            onChange={(event) => setMinutes(Number(event.target.value))}
          >
            {durations.map((each) => (
              <option key={each} value={each}>
                {minutesText(each)}
              </option>
            ))}
          </select>
          <Button {...busy} onClick={() => wish.reserve(device, minutes * 60)}>
            {current ? 'Queue' : 'Reserve'}
          </Button>
        </>
      )}
      {current?.state === 'granted' && isMine && (
        <Button {...busy} kind="primary" onClick={run(() => api.commandLease(current, 'take'))}>
          Take it
        </Button>
      )}
      {current && isMine && current.state !== 'granted' && (
        <>
          <Button {...busy} onClick={run(() => api.extendLease(current, halfHour))}>
            Extend 30 min
          </Button>
          <Button {...busy} onClick={() => open('hand-over', { deviceId: device.id })}>
            Hand over…
          </Button>
        </>
      )}
      {own && (
        <Button {...busy} onClick={run(() => api.commandLease(own, 'release'))}>
          {own.state === 'queued' ? 'Leave the queue' : 'Release'}
        </Button>
      )}
      {current && !isMine && current.state !== 'granted' && !isOpenQuestion(current) && (
        <Button {...busy} onClick={run(() => api.commandLease(current, 'ask'))}>
          Ask for it
        </Button>
      )}
      {current && !isMine && me && allows(me.role, 'admin') && (
        <Button
          {...busy}
          kind="danger"
          onClick={() => setAsking(asking === 'force' ? undefined : 'force')}
          aria-expanded={asking === 'force'}
        >
          Take away…
        </Button>
      )}
      {current && isMine && isOpenQuestion(current) && (
        <Question reservation={current} onAnswer={(answer) => act.mutate(() => api.answerLease(current, answer))} />
      )}
      {asking === 'force' && current && (
        <Force reservation={current} onForce={(reason) => act.mutate(() => api.forceLease(current, reason))} />
      )}
      {act.isError && <ErrorNotice error={act.error} />}
    </div>
  );
}

const isOpenQuestion = ({ ask }: Reservation): boolean => ask !== undefined && ask.answer === undefined;

function Question({
  reservation,
  onAnswer,
}: {
  readonly reservation: Reservation;
  readonly onAnswer: (answer: LeaseAnswer) => void;
}) {
  return (
    <p className={css.question} role="status">
      <strong>{reservation.ask?.by.name}</strong> asks for it.
      <Button size="small" onClick={() => onAnswer('give')}>
        Give
      </Button>
      <Button size="small" onClick={() => onAnswer('later')}>
        In 10 min
      </Button>
      <Button size="small" onClick={() => onAnswer('no')}>
        No
      </Button>
    </p>
  );
}

function Force({
  reservation,
  onForce,
}: {
  readonly reservation: Reservation;
  readonly onForce: (reason: string) => void;
}) {
  const id = useId();
  const [reason, setReason] = useState('');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim().length >= 3) onForce(reason.trim());
  };
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <label htmlFor={id}>Reason ({reservation.holder.name} is warned and has 30 s)</label>
      <input id={id} value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
      <Button size="small" kind="danger" type="submit" disabled={reason.trim().length < 3}>
        Take away
      </Button>
    </form>
  );
}
