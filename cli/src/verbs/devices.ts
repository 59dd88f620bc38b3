import { Device, parseLabels, selects } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { deviceText } from '../text/status-marks.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';

/** Lists the devices that carry all given labels. */
export async function devices(context: Context): Promise<void> {
  const labels = context.options.labels();
  const all = await context.lab.list<Device>('/api/v1/devices', Device);
  const shown = all.filter((device) => selects({ devices: [], labels }, device));
  context.answer(shown, () => devicesText(shown, context));
}

function devicesText(shown: readonly Device[], { style, terminal }: Context): string {
  if (shown.length === 0) return 'no devices: `hilltop token create` makes the line that a device joins with\n';
  return table(
    shown,
    [
      { title: 'State', cell: (device) => deviceText(device.state, style) },
      { title: 'Device', cell: (device) => device.name + (device.emulated ? ' (emulated)' : '') },
      { title: 'Kind', cell: (device) => device.kind },
      { title: 'Type', cell: (device) => device.type },
      { title: 'Cores', align: 'right', cell: (device) => String(device.facts.cores) },
      { title: 'Queued', align: 'right', cell: (device) => (device.queued > 0 ? String(device.queued) : undefined) },
      { title: 'Labels', cell: (device) => labelsText(device.labels) },
      { title: 'Seen', cell: (device) => device.lastSeenAt && formatAge(device.lastSeenAt, terminal.now()) },
      { title: 'Why', cell: (device) => device.stateReason },
      { title: 'Id', cell: (device) => style.dim(device.id) },
    ],
    style,
  );
}

/** `site=berlin rack=2` */
export function labelsText(labels: ReturnType<typeof parseLabels>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
