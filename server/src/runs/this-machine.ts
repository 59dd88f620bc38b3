import { networkInterfaces } from 'node:os';

/** Whether an address is one of this machine. */
export function isHere(address: string): boolean {
  if (address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((own) => own.address === address));
}
