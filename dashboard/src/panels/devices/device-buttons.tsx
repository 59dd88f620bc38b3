import type { Device } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useBlocked } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { halfHour, useLeaseCommand } from '../leases/use-lease-command.js';
import type { CardFacts } from './card-facts.js';
import css from './devices.module.css';

/** What can be done to a device from its card. Nothing else of the card takes or frees anything. */
export function DeviceButtons({ device, facts }: { readonly device: Device; readonly facts: CardFacts }) {
  const { open } = useDialogs();
  const { reserve, run, isPending } = useLeaseCommand();
  const props = { size: 'small', blocked: useBlocked('operator'), disabled: isPending } as const;
  const { current, isMine, place, queue } = facts;
  const name = device.name;
  return (
    <div className={css.buttons}>
      <Link href={`/devices/${name}`} className={css.open} aria-label={`Open ${name}`}>
        Open
      </Link>
      {!current && queue.length === 0 && (
        <Button {...props} onClick={() => reserve(device)} aria-label={`Reserve 30 min: ${name}`}>
          Reserve 30 min
        </Button>
      )}
      {current && isMine && current.state === 'granted' && (
        <Button
          {...props}
          onClick={() => run((api) => api.commandLease(current, 'take'))}
          aria-label={`Take it: ${name}`}
        >
          Take it
        </Button>
      )}
      {current && isMine && current.state !== 'granted' && (
        <Button
          {...props}
          onClick={() => run((api) => api.extendLease(current, halfHour))}
          aria-label={`Extend 30 min: ${name}`}
        >
          Extend 30 min
        </Button>
      )}
      {!isMine && (current || queue.length > 0) && place === undefined && (
        <Button {...props} onClick={() => open('reserve', { deviceId: device.id })} aria-label={`Queue: ${name}`}>
          Queue…
        </Button>
      )}
    </div>
  );
}
