import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { DeviceCard } from './device-card.js';
import css from './devices.module.css';
import { orderDevices, summarizeDevices } from './order-devices.js';

/** Device cards, those that need a person first. */
export function DevicesPanel() {
  const topic = useTopic('lab');
  const all = useValues(topic.entities.device);
  const devices = useMemo(() => orderDevices(all), [all]);
  const { open } = useDialogs();
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
  return (
    <>
      <p className="caption">{summarizeDevices(devices)}</p>
      <ul className={css.cards}>
        {devices.map((device) => (
          <DeviceCard key={device.id} device={device} />
        ))}
      </ul>
    </>
  );
}
