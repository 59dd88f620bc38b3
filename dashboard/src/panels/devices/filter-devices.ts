import { type Device, parseLabels, selects } from '@hilltop/contracts';

/** What a filter text means: labels as the CLI takes them, and words. */
export interface DeviceFilter {
  readonly labels: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** What cannot be read. */
  readonly error?: string;
}

/** `-l site=berlin pico`: labels with or without the flag, words for the rest. Pure. */
export function parseFilter(text: string): DeviceFilter {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '' && part !== '-l' && part !== '--label');
  const pairs = parts.filter((part) => part.includes('='));
  const words = parts.filter((part) => !part.includes('=')).map((word) => word.toLowerCase());
  try {
    return { labels: parseLabels(pairs), words };
  } catch (error) {
    return { labels: {}, words, error: (error as Error).message };
  }
}

/** Devices with all the labels, that have every word in name, type, state or a label. */
export function filterDevices(devices: readonly Device[], { labels, words }: DeviceFilter): readonly Device[] {
  if (words.length === 0 && Object.keys(labels).length === 0) return devices;
  return devices.filter((device) => {
    if (!selects({ devices: [], labels }, device)) return false;
    const own = Object.entries(device.labels).map(([key, value]) => `${key}=${value}`);
    const text = [device.name, device.type, device.state, ...own].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export interface DeviceGroup {
  readonly name: string;
  readonly devices: readonly Device[];
}

/** What devices can be grouped by: their type, and every label that one of them has. */
export function groupings(devices: readonly Device[]): string[] {
  return ['type', ...new Set(devices.flatMap(({ labels }) => Object.keys(labels)))].sort((a, b) =>
    a === 'type' ? -1 : b === 'type' ? 1 : a.localeCompare(b),
  );
}

/** In groups by name; those without the label last. `by` empty: one group without a name. */
export function groupDevices(devices: readonly Device[], by: string): DeviceGroup[] {
  if (by === '') return [{ name: '', devices }];
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    const value = by === 'type' ? device.type : device.labels[by];
    const name = value === undefined ? '' : by === 'type' ? value : `${by}=${value}`;
    groups.set(name, [...(groups.get(name) ?? []), device]);
  }
  return [...groups]
    .map(([name, members]) => ({ name: name === '' ? `without ${by}` : name, devices: members, isLast: name === '' }))
    .sort((a, b) => Number(a.isLast) - Number(b.isLast) || a.name.localeCompare(b.name, undefined, { numeric: true }))
    .map(({ name, devices: members }) => ({ name, devices: members }));
}
