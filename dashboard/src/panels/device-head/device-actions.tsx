import { allows, type Device } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useKeys } from '../../app/keys.js';
import { useBlocked, useLab, useMe } from '../../app/lab-context.js';
import type { Api } from '../../link/api.js';
import { Button } from '../../ui/button.js';
import { tellLease } from '../leases/use-lease-command.js';
import { type DeviceForm, DeviceFormDialog } from './device-form-dialog.js';
import css from './device-head.module.css';

/** What can be done to a device beside its lease. */
export function DeviceActions({ device }: { readonly device: Device }) {
  const { api } = useLab();
  const me = useMe().data;
  const [, navigate] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const [form, setForm] = useState<DeviceForm>();
  const blocked = useBlocked('operator');
  const blockedRetire = useBlocked('admin');
  const act = useMutation({
    mutationFn: async ({ call, done }: { call: (api: Api) => Promise<unknown>; done: string }) => {
      await call(api);
      tellLease(done);
    },
    onError: (error) => tellLease(error.message),
  });
  useKeys('Device', [{ keys: '.', does: 'actions of this device', run: () => setOpen(!isOpen) }]);
  const props = { size: 'small', blocked, disabled: act.isPending } as const;
  const { name, quarantine } = device;
  return (
    <>
      <Button aria-expanded={isOpen} aria-controls="device-actions" onClick={() => setOpen(!isOpen)}>
        Actions
      </Button>
      {isOpen && (
        <fieldset id="device-actions" className={css.menu} aria-label={`Actions of ${name}`}>
          <Button
            {...props}
            onClick={() =>
              act.mutate({
                call: (rest) => rest.checkDevice(device.id),
                done: `${name}: the health check waits for it.`,
              })
            }
          >
            Check health now
          </Button>
          {quarantine ? (
            <Button
              {...props}
              onClick={() =>
                act.mutate({ call: (rest) => rest.putBackDevice(device.id), done: `${name} is back in rotation.` })
              }
            >
              {quarantine.kind === 'maintenance' ? 'End maintenance' : 'Lift the quarantine'}
            </Button>
          ) : (
            <>
              <Button {...props} onClick={() => setForm('fault')}>
                Quarantine…
              </Button>
              <Button {...props} onClick={() => setForm('maintenance')}>
                Maintenance…
              </Button>
            </>
          )}
          <Button {...props} onClick={() => setForm('facts')}>
            Name and labels…
          </Button>
          <Button
            {...props}
            kind="danger"
            blocked={me && !allows(me.role, 'admin') ? 'Only an admin retires a device.' : blockedRetire}
            onClick={() => setForm('retire')}
          >
            Retire…
          </Button>
        </fieldset>
      )}
      {form && (
        <DeviceFormDialog
          device={device}
          form={form}
          onClose={() => setForm(undefined)}
          onDone={(to) => {
            setForm(undefined);
            setOpen(false);
            if (to !== undefined) navigate(to);
          }}
        />
      )}
    </>
  );
}
