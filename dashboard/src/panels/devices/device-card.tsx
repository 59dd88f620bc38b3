import { type Device, reservationText } from '@hilltop/contracts';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { formatClock } from '../../format/time.js';
import { Ago } from '../../ui/ago.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { DeviceStateMark } from '../../ui/state-mark.js';
import { deviceLeases } from '../leases/lease-model.js';
import { CurrentRun } from './current-run.js';
import css from './devices.module.css';

/** One device: state, reason, current run, queue, agent, floor. The card itself takes and frees nothing. */
export function DeviceCard({ device }: { readonly device: Device }) {
  const away = device.state === 'offline';
  const { current, queue } = deviceLeases(device.id, useValues(useTopic('lab').entities.reservation), undefined);
  return (
    <li
      className={css.card}
      data-testid={`device-card-${device.name}`}
      data-state={device.state}
      data-needs={device.state === 'quarantined' || device.state === 'unhealthy' || undefined}
    >
      <div className={css.head}>
        <h3 className={css.name}>
          <Link href={`/devices/${device.name}`}>{device.name}</Link>
        </h3>
        {device.emulated && <EmulatedBadge />}
        <DeviceStateMark state={device.state} />
      </div>
      <p className={css.type}>
        {device.kind === 'microcontroller' && 'Microcontroller · '}
        {device.type}
      </p>
      <div className={css.now}>
        {current && (
          <p>
            {reservationText(current, (instant) => formatClock(Date.parse(instant)))}
            {queue.length > 0 && `, ${queue.length} waiting`}
          </p>
        )}
        {device.stateReason && <p className={css.reason}>{device.stateReason}</p>}
        {device.currentRunId ? (
          <CurrentRun deviceId={device.id} runId={device.currentRunId} />
        ) : (
          !device.stateReason && (
            <p className="muted">
              {away ? 'Its agent is not connected.' : device.queued > 0 ? 'Next run is about to start.' : 'No run.'}
            </p>
          )
        )}
      </div>
      <dl className={css.facts}>
        <div>
          <dt>Queue</dt>
          <dd>{device.queued}</dd>
        </div>
        {device.kind === 'host' && (
          <div>
            <dt>Floor</dt>
            <dd>{device.floor ? formatMetric('latency_p50_ms', device.floor.latencyP50Ms) : 'not measured'}</dd>
          </div>
        )}
        <div>
          <dt>Agent</dt>
          <dd>{device.agentVersion}</dd>
        </div>
        {away && device.lastSeenAt && (
          <div>
            <dt>Last seen</dt>
            <dd>
              <Ago instant={device.lastSeenAt} />
            </dd>
          </div>
        )}
      </dl>
    </li>
  );
}
