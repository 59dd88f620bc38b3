import type { Device } from '@hilltop/contracts';
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
                <span className={css.description}>{device.type}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
