import type { Device } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useLab, useTopic } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Skeleton } from '../../ui/empty.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice, Notice } from '../../ui/notice.js';
import { DeviceStateMark } from '../../ui/state-mark.js';
import css from './add-device.module.css';
import { isLoopback, joinCommand, joinOrigin } from './join-command.js';

/** A join token lives so long; the server's own default. */
const tokenMinutes = 15;

/** Makes a one-time join token, shows the line to paste, and turns green when a new device appears. */
export function AddDeviceDialog({ onClose }: { readonly onClose: () => void }) {
  const { api } = useLab();
  const lab = useQuery({ queryKey: ['lab'], queryFn: api.lab });
  const token = useMutation({ mutationFn: () => api.createToken({ kind: 'join', ttlSeconds: tokenMinutes * 60 }) });
  const { mutate } = token;
  useEffect(() => mutate(), [mutate]);
  const appeared = useNewDevices();
  const origin = joinOrigin(location.origin, lab.data?.urls ?? []);
  return (
    <Modal
      title="Add a device"
      description="Paste this line into a terminal on the machine beside the hardware. It needs Node 20.19 or newer; the agent comes from this lab, nothing else is fetched."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <Button kind={appeared.length > 0 ? 'primary' : 'plain'} onClick={onClose}>
          {appeared.length > 0 ? 'Done' : 'Close'}
        </Button>
      }
    >
      {token.isError && <ErrorNotice error={token.error} onRetry={() => token.mutate()} />}
      {token.isPending && <Skeleton rows={1} />}
      {token.data && lab.data && (
        <CopyLine
          label="command to join"
          testId="join-command"
          text={joinCommand(origin, lab.data.agentPackage, token.data.secret)}
        />
      )}
      {lab.isError && <ErrorNotice error={lab.error} onRetry={() => void lab.refetch()} />}
      {isLoopback(origin) && (
        <Notice tone="warn">
          This address works on this machine only. To add another one, start the lab with <code>--listen 0.0.0.0</code>{' '}
          and open this page by the machine's name.
        </Notice>
      )}
      <p className="caption">
        The token works once, within {tokenMinutes} minutes. An emulated Raspberry Pi Pico: put{' '}
        <code>--emulate pico</code> at the end.
      </p>
      <div className={appeared.length > 0 ? css.here : css.waiting} role="status">
        {appeared.length === 0 ? (
          <>
            <span aria-hidden="true">◌</span> Waiting for the device. This turns green by itself.
          </>
        ) : (
          <ul>
            {appeared.map((device) => (
              <li key={device.id} className={css.device}>
                <span aria-hidden="true">✓</span>
                <Link href={`/devices/${device.name}`} onClick={onClose}>
                  {device.name}
                </Link>
                <DeviceStateMark state={device.state} />
                <span className="muted">{device.type}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Modal>
  );
}

/** Devices that were not there when the dialog opened. */
function useNewDevices(): readonly Device[] {
  const topic = useTopic('lab');
  const [known, setKnown] = useState<ReadonlySet<string>>();
  useEffect(() => {
    if (known === undefined && topic.phase !== 'waiting') setKnown(new Set(topic.entities.device.keys()));
  }, [known, topic]);
  return useMemo(
    () => (known ? [...topic.entities.device.values()].filter((device) => !known.has(device.id)) : []),
    [known, topic.entities.device],
  );
}
