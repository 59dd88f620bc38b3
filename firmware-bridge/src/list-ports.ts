import { readdir } from 'node:fs/promises';
import { errorText } from '@hilltop/contracts';
import { SerialPort } from 'serialport';

/** A serial port as it is found; what the system does not tell is absent. */
export interface FoundPort {
  readonly path: string;
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
  readonly manufacturer?: string;
}

export interface FoundPorts {
  readonly ports: readonly FoundPort[];
  /** Why the list may lack details or ports. */
  readonly lack?: string;
}

/** Port names worth showing: USB adapters, boards, the Pi's and other boards' own UARTs. */
const portNames = /^tty(ACM|USB|AMA|THS|mxc|S)\d+$/;

/**
 * Serial ports of this machine. Never throws: without `udevadm` (containers, small systems) the names in
 * /dev are listed without their USB details, and `lack` says so.
 */
export async function listPorts(
  list: () => Promise<FoundPort[]> = listByDriver,
  devices = '/dev',
): Promise<FoundPorts> {
  try {
    return { ports: (await list()).map(known).sort(byPath) };
  } catch (error) {
    const names = await readdir(devices).catch(() => []);
    // A PC has a dozen ttyS without anything behind them; without udev they cannot be told apart.
    const ports = names
      .filter((name) => portNames.test(name) && !name.startsWith('ttyS'))
      .map((name) => ({ path: `${devices}/${name}` }))
      .sort(byPath);
    return { ports, lack: `serial ports are listed by name only: ${errorText(error)}; install udev for their details` };
  }
}

async function listByDriver(): Promise<FoundPort[]> {
  return SerialPort.list() as Promise<FoundPort[]>;
}

/** Only what is there, and only our fields. */
function known(port: FoundPort): FoundPort {
  const { path, vendorId, productId, serialNumber, manufacturer } = port;
  return {
    path,
    ...(vendorId && { vendorId }),
    ...(productId && { productId }),
    ...(serialNumber && { serialNumber }),
    ...(manufacturer && { manufacturer }),
  };
}

function byPath(a: FoundPort, b: FoundPort): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}
