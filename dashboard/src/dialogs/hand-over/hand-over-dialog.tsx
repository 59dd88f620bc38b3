import { allows, type Reservation } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useBlocked, useLab, useMe, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { usePeople } from '../../app/use-presence.js';
import { deviceLeases, isOwn, leftText } from '../../panels/leases/lease-model.js';
import { tellLease } from '../../panels/leases/use-lease-command.js';
import { Button } from '../../ui/button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { DialogProps } from '../dialogs-context.js';
import css from './hand-over.module.css';
import { receivers } from './receivers.js';

/** Gives one's device to somebody else, with the time that is left. */
export function HandOverDialog({ start, onClose }: DialogProps) {
  const me = useMe().data;
  const reservations = useValues(useTopic('lab').entities.reservation);
  const own = reservations.filter(({ state, holder }) => (state === 'held' || state === 'ending') && isOwn(holder, me));
  const [chosen, setChosen] = useState(start.deviceId);
  const lease = own.find(({ deviceId }) => deviceId === chosen) ?? own[0];
  if (!lease)
    return (
      <Modal title="Hand over" description="You hold no device." isOpen onOpenChange={onClose}>
        <Empty>Reserve one first; then you can give it to somebody else.</Empty>
      </Modal>
    );
  return <HandOver key={lease.deviceId} lease={lease} own={own} onChoose={setChosen} onClose={onClose} />;
}

interface HandOverProps {
  readonly lease: Reservation;
  readonly own: readonly Reservation[];
  readonly onChoose: (deviceId: string) => void;
  readonly onClose: () => void;
}

function HandOver({ lease, own, onChoose, onClose }: HandOverProps) {
  const { api } = useLab();
  const blocked = useBlocked('operator');
  const now = useNow(1000);
  const here = usePeople();
  const entities = useTopic('lab').entities;
  const reservations = useValues(entities.reservation);
  const users = useQuery({ queryKey: ['users'], queryFn: api.users });
  const device = entities.device.get(lease.deviceId!);
  const run = useTopic(`device/${lease.deviceId!}`).entities.run.get(device?.currentRunId ?? '');
  const job = run && entities.job.get(run.jobId);
  const { queue } = deviceLeases(lease.deviceId!, reservations, undefined);
  const people = receivers(
    (users.data ?? []).filter(({ role }) => allows(role, 'operator')),
    queue,
    lease.holder.owner,
    new Map(here.map(({ key, screens }) => [key, screens[0]!.state])),
  );
  const [to, setTo] = useState<string>();
  const [when, setWhen] = useState<'after' | 'now'>('after');
  const receiver = people.find(({ id }) => id === to) ?? people[0];
  const give = useMutation({
    mutationFn: async () => {
      if (when === 'now' && run) await api.cancelJob(run.jobId);
      return api.handOverLease(lease, receiver!.id);
    },
    onSuccess: () => {
      tellLease(`${lease.deviceName} is ${receiver!.name}'s now.`);
      onClose();
    },
  });
  return (
    <Modal
      title={`Hand over ${lease.deviceName}?`}
      description={`${leftText(lease.until, now)} of the lease go along. Who held the keyboard of its console does so no more.`}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button
            kind="primary"
            blocked={blocked ?? (receiver ? undefined : 'nobody else may use devices')}
            disabled={give.isPending}
            onClick={() => give.mutate()}
          >
            Hand over
          </Button>
        </>
      }
    >
      {own.length > 1 && (
        <Field label="Device">
          {(control) => (
            <select {...control} value={lease.deviceId} onChange={(event) => onChoose(event.target.value)}>
              {own.map(({ deviceId, deviceName }) => (
                <option key={deviceId} value={deviceId}>
                  {deviceName}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {users.isError && <ErrorNotice error={users.error} onRetry={() => void users.refetch()} />}
      {users.isPending ? (
        <Skeleton />
      ) : people.length === 0 ? (
        <Empty>Nobody else may use devices. An admin adds people in the settings.</Empty>
      ) : (
        <fieldset className={css.choice}>
          <legend>To</legend>
          {people.map(({ id, name, words }) => (
            <label key={id} className={css.option}>
              <input type="radio" name="to" checked={id === receiver?.id} onChange={() => setTo(id)} />
              <span>
                {name} {words && <span className="muted">{words}</span>}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {run && (
        <fieldset className={css.choice}>
          <legend>{run.recipe} is being measured</legend>
          <label className={css.option}>
            <input type="radio" name="when" checked={when === 'after'} onChange={() => setWhen('after')} />
            <span>Let the run end: a lease never cuts one off</span>
          </label>
          <label className={css.option}>
            <input type="radio" name="when" checked={when === 'now'} onChange={() => setWhen('now')} />
            <span>
              Cancel its job first
              {job && job.devices.length > 0 && `, all ${job.devices.reduce((n, d) => n + d.total, 0)} runs of it`}
            </span>
          </label>
        </fieldset>
      )}
      {give.isError && <ErrorNotice error={give.error} />}
    </Modal>
  );
}
