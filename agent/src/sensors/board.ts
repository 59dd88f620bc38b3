import { cleanLabel, readFile } from './sysfs.js';

export type BoardFamily = 'jetson' | 'raspberry-pi' | 'other';

/** From the device tree: its model, and its list of compatible names separated by NUL. */
export function parseBoardFamily(model: string | undefined, compatible: string | undefined): BoardFamily {
  if (compatible?.split('\0').some((name) => /^nvidia,tegra\d/.test(name))) return 'jetson';
  if (/^Raspberry Pi /.test(cleanLabel(model) ?? '')) return 'raspberry-pi';
  return 'other';
}

/** What family of boards this machine is of, by which the tools of a vendor are asked or left alone. */
export function boardFamily(root: string): BoardFamily {
  return parseBoardFamily(readFile(root, 'proc/device-tree/model'), readFile(root, 'proc/device-tree/compatible'));
}
