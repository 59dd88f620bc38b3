import { networkInterfaces } from 'node:os';

/** An address of this machine that is not loopback: an agent there counts as another machine, so the page is not quiet. */
export const outsideAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((a) => !a.internal && a.family === 'IPv4')?.address;
