import { allows, type Device, ordinal, parseLabels, selects } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useBlocked, useLab, useMe, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { formatClock } from '../../format/time.js';
import { deviceLeases } from '../../panels/leases/lease-model.js';
import { wishText } from '../../panels/leases/lease-words.js';
import { halfHour, tellLease } from '../../panels/leases/use-lease-command.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { DialogProps } from '../dialogs-context.js';
import css from './reserve.module.css';
import { durations, durationText, reserveForecast } from './reserve-forecast.js';

/** Labels of a text such as `site=berlin arch=arm64`; undefined: it cannot be read. */
function labelsOf(text: string): Record<string, string> | undefined {
  try {
    return parseLabels(text.split(/[\s,]+/).filter((part) => part !== '' && part !== '-l'));
  } catch {
    return undefined;
  }
}

/** A device, or whichever fits: from now, for a time. What is held already is queued for. */
export function ReserveDialog({ start, onClose }: DialogProps) {
  const { api } = useLab();
  const me = useMe().data;
  const blocked = useBlocked('operator');
  const now = useNow(5000);
  const topic = useTopic('lab').entities;
  const reservations = useValues(topic.reservation);
  const devices = useValues(topic.device)
    .filter(({ state }) => state !== 'retired')
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const [deviceId, setDeviceId] = useState(start.deviceId ?? '');
  const [text, setText] = useState('');
  const [seconds, setSeconds] = useState(start.forSeconds ?? halfHour);
  const [note, setNote] = useState('');
  const [reason, setReason] = useState('');
  const labels = deviceId === '' ? labelsOf(text) : {};
  const selector = { devices: deviceId === '' ? [] : [deviceId], labels: labels ?? {} };
  const isChosen = deviceId !== '' || Object.keys(selector.labels).length > 0;
  const fitting = isChosen ? devices.filter((device: Device) => selects(selector, device)) : [];
  const forecast = reserveForecast(
    fitting.map(({ id }) => deviceLeases(id, reservations, me)),
    now,
  );
  const isForced = reason.trim().length >= 3;
  const missing = !labels
    ? 'labels are written key=value'
    : !isChosen
      ? 'choose a device, or give a label'
      : fitting.length === 0
        ? 'no device has these labels'
        : undefined;
  const reserve = useMutation({
    mutationFn: () =>
      api.reserve({
        ...{ selector, forSeconds: seconds },
        ...(note.trim() !== '' && { note: note.trim() }),
        ...(isForced && { force: { reason: reason.trim() } }),
      }),
    onSuccess: (wish) => {
      const device = fitting[0]!;
      tellLease(wishText(wish, deviceLeases(device.id, reservations, me).current, device.name));
      onClose();
    },
  });
  const values = [...new Set([...durations, seconds])].sort((a, b) => a - b);
  return (
    <Modal
      title="Reserve a device"
      description="It is yours from now on: others' jobs wait. A lease ends by itself, closing the page changes nothing."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <p className={css.forecast} role="status">
            {missing ??
              (forecast.place === 0
                ? 'Free: yours at once.'
                : `${forecast.holder ?? 'Somebody'} holds it: you would be ${ordinal(forecast.place)} in queue, earliest ${formatClock(forecast.earliestMs)}.`)}
          </p>
          <Button onClick={onClose}>Close</Button>
          <Button
            kind="primary"
            blocked={blocked ?? missing}
            disabled={reserve.isPending}
            onClick={() => reserve.mutate()}
          >
            {forecast.place > 0 && !isForced ? 'Queue' : 'Reserve'}
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Field label="Device">
          {(control) => (
            <select {...control} value={deviceId} onChange={(event) => setDeviceId(event.target.value)}>
              <option value="">whichever has the labels</option>
              {devices.map(({ id, name, type }) => (
                <option key={id} value={id}>
                  {name} ({type})
                </option>
              ))}
            </select>
          )}
        </Field>
        {deviceId === '' && (
          <Field
            label="Labels"
            hint={`${fitting.length} of ${devices.length} devices; the one that frees first is yours.`}
            error={labels ? undefined : 'Written key=value, e.g. site=berlin.'}
          >
            {(control) => (
              <input
                {...control}
                placeholder="site=berlin"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field label="For">
          {(control) => (
            <select {...control} value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
              {values.map((each) => (
                <option key={each} value={each}>
                  {durationText(each)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="What for" hint="Told to those who wait.">
          {(control) => (
            <input {...control} maxLength={200} value={note} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {forecast.place > 0 && me && allows(me.role, 'admin') && (
          <Field
            label="Go ahead of the queue, because"
            hint="Admins only. The holder is warned and loses the device after 30 s; everybody reads the reason."
          >
            {(control) => (
              <input {...control} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
            )}
          </Field>
        )}
      </div>
      {reserve.isError && <ErrorNotice error={reserve.error} />}
    </Modal>
  );
}
