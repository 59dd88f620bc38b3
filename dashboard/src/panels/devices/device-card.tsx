import { type Device, initialsOf, ordinal } from '@hilltop/contracts';
import { memo } from 'react';
import { Link } from 'wouter';
import { useLab } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { formatClock } from '../../format/time.js';
import { Ago } from '../../ui/ago.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { DeviceStateMark } from '../../ui/state-mark.js';
import { holderText } from '../leases/lease-words.js';
import { type CardFacts, sameFacts } from './card-facts.js';
import { CurrentRun } from './current-run.js';
import { DeviceButtons } from './device-buttons.js';
import css from './devices.module.css';
import { type SparkKey, sparksOf } from './spark.js';
import { Sparkline } from './sparkline.js';
import { useCardPulse } from './use-card-pulse.js';

export interface DeviceCardProps {
  readonly device: Device;
  readonly facts: CardFacts;
}

export const clockOf = (instant: string): string => formatClock(Date.parse(instant));

/** One device: state, reason, holder, current run, what is measured, queue, who looks. The card itself takes and frees nothing. */
export const DeviceCard = memo(
  function DeviceCard({ device, facts }: DeviceCardProps) {
    const { current, isMine, where, queue, place, watchers } = facts;
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
          {current && <p className={isMine ? css.mine : undefined}>{holderText(current, isMine, where, clockOf)}</p>}
          {device.stateReason && <p className={css.reason}>{device.stateReason}</p>}
          {device.currentRunId ? (
            <CurrentRun deviceId={device.id} runId={device.currentRunId} />
          ) : (
            !device.stateReason && !current && <p className="muted">{restText(device)}</p>
          )}
          <Sparks deviceId={device.id} />
        </div>
        <dl className={css.facts}>
          <div>
            <dt>Runs waiting</dt>
            <dd>{device.queued}</dd>
          </div>
          {queue.length > 0 && (
            <div>
              <dt>Queue</dt>
              <dd>
                {queue.map(({ id, holder }) => (
                  <abbr key={id} className={css.initials} title={holder.name}>
                    {initialsOf(holder.name)}
                  </abbr>
                ))}
                {place !== undefined && ` you are ${ordinal(place)}`}
              </dd>
            </div>
          )}
          {device.kind === 'host' && (
            <div>
              <dt>Floor</dt>
              <dd>{device.floor ? formatMetric('latency_p50_ms', device.floor.latencyP50Ms) : 'not measured'}</dd>
            </div>
          )}
          {device.state === 'offline' && device.lastSeenAt && (
            <div>
              <dt>Last seen</dt>
              <dd>
                <Ago instant={device.lastSeenAt} />
              </dd>
            </div>
          )}
        </dl>
        <div className={css.foot}>
          <DeviceButtons device={device} facts={facts} />
          <Watchers watchers={watchers} />
        </div>
      </li>
    );
  },
  (before, after) => before.device === after.device && sameFacts(before.facts, after.facts),
);

const restText = ({ state, queued }: Device): string =>
  state === 'offline' ? 'Its agent is not connected.' : queued > 0 ? 'Next run is about to start.' : 'No run.';

const shownKeys: readonly SparkKey[] = ['latencyMs', 'powerW', 'temperatureC'];

/** Only what was measured in the last minute. */
export function Sparks({
  deviceId,
  keys = shownKeys,
}: {
  readonly deviceId: string;
  readonly keys?: readonly SparkKey[];
}) {
  const { clock } = useLab();
  const pulse = useCardPulse(deviceId);
  if (!pulse) return null;
  const nowMs = Math.max(clock.nowMs(), pulse.newest.atMs);
  const sparks = sparksOf(pulse.past, pulse.newest, keys).filter(
    ({ points }) => points.length > 0 && points.at(-1)![0] > nowMs - 60_000,
  );
  if (sparks.length === 0) return null;
  return (
    <div className={css.sparks}>
      {sparks.map((spark) => (
        <Sparkline key={spark.key} spark={spark} nowMs={nowMs} />
      ))}
    </div>
  );
}

/** Who looks at the device's page now. */
export function Watchers({ watchers }: Pick<CardFacts, 'watchers'>) {
  if (watchers.length === 0) return null;
  return (
    <ul className={css.watchers} aria-label="Looking at it">
      {watchers.map(({ key, name, colour }) => (
        <li key={key} data-colour={colour} title={`${name} looks at it`} className={css.watcher}>
          <span aria-hidden>{initialsOf(name)}</span>
          <span className="hidden">{name}</span>
        </li>
      ))}
    </ul>
  );
}
