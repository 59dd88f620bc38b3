import { cleanLabel, countingOrder, linkedName, namesIn, readFile } from './sysfs.js';

/** A monitoring chip as the kernel shows it. */
export interface Hwmon {
  /** Folder under the root; its number changes from boot to boot. */
  readonly path: string;
  readonly name: string;
  /** Place on its bus (`1-0040`, `0000:03:00.0`), which stays; its own name where the kernel gives no place. */
  readonly device: string;
}

/** All monitoring chips, in an order that numbering does not change. */
export function hwmons(root: string): Hwmon[] {
  return namesIn(root, 'sys/class/hwmon')
    .flatMap((folder): Hwmon[] => {
      const path = `sys/class/hwmon/${folder}`;
      const name = cleanLabel(readFile(root, `${path}/name`) ?? readFile(root, `${path}/device/name`));
      return name ? [{ path, name, device: linkedName(root, `${path}/device`) ?? name }] : [];
    })
    .sort((a, b) => countingOrder(a.name, b.name) || countingOrder(a.device, b.device));
}
