import { type Device, Name } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLab } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice } from '../../ui/notice.js';
import { readLabels } from './read-labels.js';

export type DeviceForm = 'fault' | 'maintenance' | 'facts' | 'retire';

const titles = {
  fault: 'Quarantine',
  maintenance: 'Maintenance of',
  facts: 'Name and labels of',
  retire: 'Retire',
} as const satisfies Record<DeviceForm, string>;

const texts = {
  fault: 'Only health checks run on it until a person lifts this. A run that measures now ends first.',
  maintenance: 'Nothing is wrong with it, somebody works on it: only health checks run until this is ended.',
  facts: 'Its runs, notes and leases stay with it whatever it is called.',
  retire: 'It leaves the lab for good; its runs stay, its name becomes free.',
} as const satisfies Record<DeviceForm, string>;

export interface DeviceFormDialogProps {
  readonly device: Device;
  readonly form: DeviceForm;
  readonly onClose: () => void;
  /** `to`: where to go now, when the page of this name is no more. */
  readonly onDone: (to?: string) => void;
}

/** The forms behind the actions of a device. */
export function DeviceFormDialog({ device, form, onClose, onDone }: DeviceFormDialogProps) {
  const { api } = useLab();
  const [text, setText] = useState('');
  const [name, setName] = useState(device.name);
  const [labels, setLabels] = useState(
    Object.entries(device.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  );
  const read = readLabels(labels);
  const isReason = form === 'fault' || form === 'maintenance';
  const missing = isReason
    ? text.trim() === '' && 'give the reason: everybody reads it'
    : form === 'retire'
      ? text !== device.name && `write ${device.name} to confirm`
      : !Name.safeParse(name.trim()).success
        ? 'give a name that starts with a letter or digit'
        : read.labels === undefined && read.error;
  const send = useMutation({
    mutationFn: async (): Promise<string | undefined> => {
      if (isReason) {
        await api.quarantineDevice(device.id, { reason: text.trim(), kind: form });
        return undefined;
      }
      if (form === 'retire') {
        await api.retireDevice(device.id);
        return '/';
      }
      const changed = await api.updateDevice(device.id, { name: name.trim(), labels: read.labels! });
      return `/devices/${changed.name}`;
    },
    onSuccess: onDone,
  });
  const verb = { fault: 'Quarantine', maintenance: 'Begin maintenance', facts: 'Save', retire: 'Retire' }[form];
  return (
    <Modal
      title={`${titles[form]} ${device.name}`}
      description={texts[form]}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            kind={form === 'retire' ? 'danger' : 'primary'}
            blocked={missing || undefined}
            disabled={send.isPending}
            onClick={() => send.mutate()}
          >
            {verb}
          </Button>
        </>
      }
    >
      {isReason && (
        <Field label="Reason">
          {(control) => (
            <input {...control} maxLength={500} value={text} onChange={(event) => setText(event.target.value)} />
          )}
        </Field>
      )}
      {form === 'retire' && (
        <Field label={`Write ${device.name} to confirm`}>
          {(control) => <input {...control} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
      )}
      {form === 'facts' && (
        <>
          <Field label="Name">
            {(control) => (
              <input {...control} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Field label="Labels" hint="key=value, one a line." error={read.error}>
            {(control) => (
              <textarea {...control} rows={5} value={labels} onChange={(event) => setLabels(event.target.value)} />
            )}
          </Field>
        </>
      )}
      {send.isError && <ErrorNotice error={send.error} />}
    </Modal>
  );
}
