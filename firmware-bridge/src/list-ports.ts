import { readdir } from 'node:fs/promises';
import { errorText } from '@hilltop/contracts';
import { SerialPort } from 'serialport';
import { usbFacts } from './usb-facts.js';

/** A serial port as it is found; what the system does not tell is absent. */
export interface FoundPort {
  readonly path: string;
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
  readonly manufacturer?: string;
  /** Name below /dev/serial/by-id, or the plug-and-play id. */
  readonly pnpId?: string;
  /** Where it is plugged in. */
  readonly location?: string;
}

export interface FoundPorts {
  readonly ports: readonly FoundPort[];
  /** Why the list may lack details or ports. */
  readonly lack?: string;
}

/** Port names worth showing: USB adapters, boards, the Pi's and other boards' own UARTs. */
const portNames = /^tty(ACM|USB|AMA|THS|mxc|S)\d+$/;

/**
 * Serial ports of this machine. Never throws: without `udevadm` (containers, small systems) the names in /dev are listed with the
 * USB details that sysfs has, and `lack` says so.
 */
export async function listPorts(
  list: () => Promise<FoundPort[]> = listByDriver,
  devices = '/dev',
  sysRoot = '/sys',
): Promise<FoundPorts> {
  const withFacts = async (port: FoundPort): Promise<FoundPort> =>
    known({ ...(await usbFacts(port.path, sysRoot)), ...present(port) });
  try {
    return { ports: await Promise.all((await list()).sort(byPath).map(withFacts)) };
  } catch (error) {
    const names = await readdir(devices).catch(() => []);
    // A PC has a dozen ttyS without anything behind them; without udev they cannot be told apart.
    const ports = names
      .filter((name) => portNames.test(name) && !name.startsWith('ttyS'))
      .map((name) => ({ path: `${devices}/${name}` }))
      .sort(byPath);
    return {
      ports: await Promise.all(ports.map(withFacts)),
      lack: `serial ports are listed by name only: ${errorText(error)}; install udev for their details`,
    };
  }
}

async function listByDriver(): Promise<FoundPort[]> {
  const ports = await SerialPort.list();
  return ports.map(({ locationId, ...port }) => ({ ...port, location: locationId }) as FoundPort);
}

function present(port: FoundPort): FoundPort {
  return Object.fromEntries(Object.entries(port).filter(([, value]) => value)) as unknown as FoundPort;
}

/** Only what is there, and only our fields. */
function known(port: FoundPort): FoundPort {
  const { path, vendorId, productId, serialNumber, manufacturer, pnpId, location } = port;
  return present({ path, vendorId, productId, serialNumber, manufacturer, pnpId, location } as FoundPort);
}

function byPath(a: FoundPort, b: FoundPort): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}
