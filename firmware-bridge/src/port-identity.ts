import type { FoundPort } from './list-ports.js';

/** Who is at the other side of a byte port, as far as the system tells. */
export interface PortIdentity {
  /**
   * Stable name: the same after a renumbering (`ttyACM0` -> `ttyACM1`) and a reboot of this machine. USB ports are known by vendor,
   * product and serial number; without a serial number by where they are plugged in; other ports by their name. Fits a device's key.
   */
  readonly key: string;
  /** For people: `/dev/ttyACM0`, `tcp:localhost:3333`. */
  readonly name: string;
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
  /** Bus and sockets on the way, e.g. `1-1.2:1.0`. */
  readonly location?: string;
}

/** Identity of one listed port. */
export function portIdentity(port: FoundPort): PortIdentity {
  const { vendorId, productId, serialNumber, location } = port;
  return {
    key: keyText(usbName(port) ?? port.path.replace(/^\/dev\//, '')),
    name: port.path,
    ...(vendorId && { vendorId }),
    ...(productId && { productId }),
    ...(serialNumber && { serialNumber }),
    ...(location && { location }),
  };
}

/**
 * Identities of a whole list: where cheap adapters share one serial number, the place they are plugged in tells them apart, and
 * failing that their order.
 */
export function portIdentities(ports: readonly FoundPort[]): PortIdentity[] {
  const identities = ports.map(portIdentity);
  const seen = new Map<string, number>();
  const count = (key: string): number => identities.filter((i) => i.key === key).length;
  return identities.map((identity) => {
    if (count(identity.key) === 1) return identity;
    const placed = keyText(`${identity.key}-${identity.location ?? identity.name.replace(/^.*\//, '')}`);
    const nth = (seen.get(placed) ?? 0) + 1;
    seen.set(placed, nth);
    return { ...identity, key: nth === 1 ? placed : keyText(`${placed}-${nth}`) };
  });
}

function usbName({ vendorId, productId, serialNumber, location, pnpId }: FoundPort): string | undefined {
  if (!vendorId || !productId) return undefined;
  if (!serialNumber) return location && `usb-${vendorId}-${productId}-at-${location}`;
  // A board with two serial functions has one serial number; the second one's interface is part of its name.
  const port = location?.match(/:\d+\.(\d+)$/)?.[1] ?? pnpId?.match(/-if(\d+)/)?.[1] ?? '0';
  const second = Number(port) === 0 ? '' : `-if${Number(port)}`;
  return `usb-${vendorId}-${productId}-${serialNumber}${second}`;
}

/** Lower-case letters, digits and `._:-`, at most 64: what does not fit is cut in the middle, where serial numbers differ least. */
export function keyText(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9._:-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  const named = plain === '' ? 'port' : plain;
  return named.length <= 64 ? named : `${named.slice(0, 23)}-${named.slice(-40)}`;
}
