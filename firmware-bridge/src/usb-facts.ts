import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What Linux tells of a USB serial port in sysfs: no udev needed. */
export interface UsbFacts {
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
  readonly manufacturer?: string;
  /** Interface on the bus, e.g. `1-1.2:1.0`: where it is plugged in. */
  readonly location?: string;
}

/** Facts of `/dev/<name>`; empty for what is no USB port, and on other systems. Never throws. */
export async function usbFacts(path: string, sysRoot = '/sys'): Promise<UsbFacts> {
  try {
    // .../1-1.2 (device: idVendor, serial ...)/1-1.2:1.0 (interface)[/ttyUSB0 (usb-serial port)]
    let at = await realpath(join(sysRoot, 'class/tty', basename(path), 'device'));
    if (!isInterface(at)) at = dirname(at);
    if (!isInterface(at)) return {};
    const device = dirname(at);
    const read = async (name: string): Promise<string | undefined> =>
      (await readFile(join(device, name), 'utf8').catch(() => '')).trim() || undefined;
    const [vendorId, productId, serialNumber, manufacturer] = await Promise.all(
      ['idVendor', 'idProduct', 'serial', 'manufacturer'].map(read),
    );
    return {
      location: basename(at),
      ...(vendorId && { vendorId }),
      ...(productId && { productId }),
      ...(serialNumber && { serialNumber }),
      ...(manufacturer && { manufacturer }),
    };
  } catch {
    return {};
  }
}

function isInterface(path: string): boolean {
  return /^\d+-[\d.]+:\d+\.\d+$/.test(basename(path));
}
