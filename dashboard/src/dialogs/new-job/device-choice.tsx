import type { Device } from '@hilltop/contracts';
import { useMe, useTopic, useValues } from '../../app/lab-context.js';
import { formatClock } from '../../format/time.js';
import { deviceLeases, isOwn } from '../../panels/leases/lease-model.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { DeviceStateMark } from '../../ui/state-mark.js';
import type { JobDraft } from './job-draft.js';
import css from './new-job.module.css';
import { toggled } from './toggled.js';

export interface DeviceChoiceProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
  readonly devices: readonly Device[];
}

/** Which devices; none ticked means every device. */
export function DeviceChoice({ draft, change, devices }: DeviceChoiceProps) {
  return (
    <fieldset className={css.section}>
      <legend className={css.legend}>Devices</legend>
      <p className="caption">
        {devices.length === 0
          ? 'No device has joined yet.'
          : draft.devices.size === 0
            ? 'None ticked: every device.'
            : `${draft.devices.size} of ${devices.length}`}
      </p>
      <ul className={css.devices}>
        {devices.map((device) => (
          <li key={device.id}>
            <label className={css.option}>
              <input
                type="checkbox"
                checked={draft.devices.has(device.id)}
                onChange={() => change({ devices: toggled(draft.devices, device.id) })}
              />
              <span className={css.deviceLine}>
                <strong>{device.name}</strong>
                {device.emulated && <EmulatedBadge />}
                <DeviceStateMark state={device.state} />
                <span className={css.description}>
                  {device.type}
                  <Holder deviceId={device.id} />
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

/** Who holds it: a job of anybody else waits there. */
function Holder({ deviceId }: { readonly deviceId: string }) {
  const reservations = useValues(useTopic('lab').entities.reservation);
  const me = useMe().data;
  const { current } = deviceLeases(deviceId, reservations, me);
  if (!current) return null;
  const until = current.until === undefined ? '' : ` until ${formatClock(Date.parse(current.until))}`;
  return isOwn(current.holder, me) ? (
    <> · yours{until}</>
  ) : (
    <>
      {' · '}
      <span className={css.lacks}>
        {current.holder.name} has it{until}: your runs wait
      </span>
    </>
  );
}
