import { Device, type Reservation, selects } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { isOut, openReservations, told } from '../lab/leases.js';
import { deviceText } from '../text/status-marks.js';
import { table } from '../text/table.js';

/** A device with its holder and those who wait for it. */
export interface DeviceHolder {
  readonly device: Pick<Device, 'id' | 'name' | 'state'>;
  readonly lease?: Reservation;
  /** Who is next first. */
  readonly queue: readonly Reservation[];
}

/** Who holds what until when, and who waits. */
export async function who(context: Context): Promise<void> {
  const { lab, options, style, terminal } = context;
  const labels = options.labels();
  const [devices, open] = [await lab.list<Device>('/api/v1/devices', Device), await openReservations(lab)];
  const shown = devices
    .filter((device) => selects({ devices: [], labels }, device))
    .map((device) => holderOf(device, open));
  const now = terminal.now();
  context.answer(shown, () =>
    shown.length === 0
      ? 'no devices: `hilltop token create` makes the line that a device joins with\n'
      : table(
          shown,
          [
            { title: 'Device', cell: ({ device }) => device.name },
            { title: 'State', cell: ({ device }) => deviceText(device.state, style) },
            { title: 'Held', cell: ({ lease }) => (lease ? told(lease, now) : 'free') },
            { title: 'Queue', cell: ({ queue }) => queue.map(({ holder }) => holder.name).join(', ') },
            { title: 'Note', cell: ({ lease }) => lease?.note },
          ],
          style,
        ),
  );
}

function holderOf(device: Device, open: readonly Reservation[]): DeviceHolder {
  const lease = open.find((each) => isOut(each) && each.deviceId === device.id);
  const queue = open
    .filter(({ state, candidates }) => state === 'queued' && candidates.includes(device.id))
    .sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
  const { id, name, state } = device;
  return { device: { id, name, state }, ...(lease && { lease }), queue };
}
