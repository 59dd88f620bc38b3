import { type Device, type Reservation, reservationText } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useMe, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { formatClock } from '../../format/time.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import type { PanelProps } from '../panel-name.js';
import { LeaseActions } from './lease-actions.js';
import { deviceLeases, leftText } from './lease-model.js';
import css from './leases.module.css';

const clock = (instant: string): string => formatClock(Date.parse(instant));

/** Who holds which device, who waits for it, and what one may do about it: of one device, or of all. */
export function LeasesPanel({ subject }: PanelProps) {
  const topic = useTopic('lab');
  const devices = useValues(topic.entities.device);
  const reservations = useValues(topic.entities.reservation);
  if (topic.phase === 'waiting') return <Skeleton />;
  const shown = devices
    .filter(
      (device) => device.state !== 'retired' && (subject.deviceId === undefined || device.id === subject.deviceId),
    )
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  if (shown.length === 0) return <Empty>No device to reserve yet.</Empty>;
  return (
    <ul className={css.devices}>
      {shown.map((device) => (
        <DeviceRow
          key={device.id}
          device={device}
          reservations={reservations}
          isNamed={subject.deviceId === undefined}
        />
      ))}
    </ul>
  );
}

interface DeviceRowProps {
  readonly device: Device;
  readonly reservations: readonly Reservation[];
  readonly isNamed: boolean;
}

function DeviceRow({ device, reservations, isNamed }: DeviceRowProps) {
  const me = useMe().data;
  const now = useNow(1000);
  const leases = deviceLeases(device.id, reservations, me);
  const { current, queue } = leases;
  return (
    <li className={css.device} data-testid={`leases-${device.name}`} data-state={current?.state ?? 'free'}>
      <div className={css.who}>
        {isNamed && (
          <Link href={`/devices/${device.name}`} className={css.name}>
            {device.name}
          </Link>
        )}
        <span>
          {current ? (
            <>
              {reservationText(current, clock)}
              {current.until && <span className="muted"> · {leftText(current.until, now)} left</span>}
              {current.note && <span className="muted"> · {current.note}</span>}
            </>
          ) : (
            'free'
          )}
        </span>
        {queue.length > 0 && (
          <ol className={css.queue} aria-label={`Queue for ${device.name}`}>
            {queue.map((each) => (
              <li key={each.id}>{each.holder.name}</li>
            ))}
          </ol>
        )}
      </div>
      <LeaseActions device={device} leases={leases} />
    </li>
  );
}
