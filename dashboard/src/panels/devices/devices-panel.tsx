import type { Device } from '@hilltop/contracts';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useMe, useTopic, useValues } from '../../app/lab-context.js';
import { setPreference, usePreferences } from '../../app/preferences.js';
import { usePeople } from '../../app/use-presence.js';
import { usePulseHistory } from '../../app/use-pulse.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { useGrowing } from '../../ui/use-growing.js';
import { cardFacts } from './card-facts.js';
import { DeviceCard, type DeviceCardProps } from './device-card.js';
import { DeviceTable } from './device-table.js';
import css from './devices.module.css';
import { filterDevices, groupDevices, groupings, parseFilter } from './filter-devices.js';
import { orderDevices, summarizeDevices } from './order-devices.js';

/** The devices, those that need a person first; filter and grouping stand in the address. */
export function DevicesPanel() {
  const topic = useTopic('lab');
  const all = useValues(topic.entities.device);
  const reservations = useValues(topic.entities.reservation);
  const people = usePeople();
  const me = useMe().data;
  const devices = useMemo(() => orderDevices(all), [all]);
  const { density } = usePreferences();
  const { open } = useDialogs();
  const [{ filter, group }, change] = useLabView();
  usePulseHistory();
  if (topic.phase === 'waiting') return <Skeleton rows={4} />;
  if (devices.length === 0) {
    return (
      <Empty
        action={
          <div>
            <Button kind="primary" icon={<Plus size={16} aria-hidden />} onClick={() => open('add-device')}>
              Add a device
            </Button>
          </div>
        }
      >
        No device yet. To serve the machine that runs the lab, paste this into a terminal there; the card appears by
        itself.
        <CopyLine label="command to serve this machine" text={`npx hilltop agent ${location.origin}`} />
      </Empty>
    );
  }
  const parsed = parseFilter(filter);
  const shown = filterDevices(devices, parsed);
  const rowOf = (device: Device): DeviceCardProps => ({ device, facts: cardFacts(device, reservations, people, me) });
  return (
    <>
      <div className={css.tools}>
        <input
          type="search"
          className={css.filter}
          aria-label="Filter the devices"
          placeholder="-l site=berlin pico"
          value={filter}
          onChange={(event) => change({ filter: event.target.value })}
          aria-invalid={parsed.error !== undefined || undefined}
        />
        <label className={css.tool}>
          group
          <select value={group} onChange={(event) => change({ group: event.target.value })}>
            <option value="">none</option>
            {groupings(devices).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className={css.tool}>
          as
          <select
            value={density}
            onChange={(event) => setPreference('density', event.target.value === 'table' ? 'table' : 'cards')}
          >
            <option>cards</option>
            <option>table</option>
          </select>
        </label>
        <p className="caption" role="status">
          {parsed.error ?? (shown.length < devices.length ? `${shown.length} of ` : '')}
          {parsed.error === undefined && summarizeDevices(devices)}
        </p>
      </div>
      {shown.length === 0 && <Empty>No device fits the filter.</Empty>}
      {groupDevices(shown, group).map(({ name, devices: members }) => (
        <div key={name} className={css.group}>
          {name !== '' && <h3>{name}</h3>}
          {members.length > 0 &&
            (density === 'table' ? (
              <DeviceTable label={name || 'Devices'} rows={members.map(rowOf)} />
            ) : (
              <DeviceCards devices={members} rowOf={rowOf} />
            ))}
        </div>
      ))}
    </>
  );
}

interface DeviceCardsProps {
  readonly devices: readonly Device[];
  readonly rowOf: (device: Device) => DeviceCardProps;
}

function DeviceCards({ devices, rowOf }: DeviceCardsProps) {
  return (
    <ul className={css.cards}>
      {useGrowing(devices).map((device) => (
        <DeviceCard key={device.id} {...rowOf(device)} />
      ))}
    </ul>
  );
}

interface LabView {
  readonly filter: string;
  readonly group: string;
}

/** What the lab's page shows, in its address: `?filter=-l+site=berlin&group=type`. */
function useLabView(): readonly [LabView, (step: Partial<LabView>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const query = new URLSearchParams(search);
  const view = { filter: query.get('filter') ?? '', group: query.get('group') ?? '' };
  const change = (step: Partial<LabView>): void => {
    for (const [key, value] of Object.entries(step)) {
      if (value === '') query.delete(key);
      else query.set(key, value);
    }
    const text = query.toString().replaceAll('%3D', '=');
    navigate(`${path}${text === '' ? '' : `?${text}`}`, { replace: true });
  };
  return [view, change];
}
