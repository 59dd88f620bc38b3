import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { LabError } from '@hilltop/contracts';

/** What decides whether a request may be meant for this lab. */
export interface HostSources {
  readonly listen: string;
  readonly publicUrls: readonly string[];
  /** Literal addresses of this machine now: they come and go with its networks. */
  readonly addresses: () => readonly string[];
  readonly hostname: string;
}

/** Addresses and name of this machine. */
export function machineHosts(): Pick<HostSources, 'addresses' | 'hostname'> {
  const addresses = () =>
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return { addresses, hostname: hostname() };
}

/** Host header or authority -> host name in lower case without port and brackets; undefined when it is no host. */
function nameOf(authority: string | undefined): string | undefined {
  if (authority === undefined || /[\s/@?#\\]/.test(authority)) return undefined;
  const bracketed = /^\[([0-9a-f:.]+)\](:\d+)?$/i.exec(authority);
  if (bracketed) return bracketed[1]!.toLowerCase();
  return /^([^:]+?)\.?(:\d+)?$/.exec(authority)?.[1]?.toLowerCase();
}

/**
 * Host and origin checks against DNS rebinding and foreign pages. A host is ours when it is loopback, a configured
 * name, or a literal address or the name of this machine; an origin is ours when it is the page we served, or a
 * configured address.
 */
export class HostPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor(private readonly sources: HostSources) {
    const own = sources.hostname.toLowerCase();
    this.#hosts = new Set([
      'localhost',
      '127.0.0.1',
      '::1',
      sources.listen,
      own,
      `${own}.local`,
      ...sources.publicUrls.map((url) => nameOf(new URL(url).host) ?? ''),
    ]);
    this.#origins = new Set(sources.publicUrls.map((url) => new URL(url).origin));
  }

  /** Throws `request.host-not-allowed`. */
  checkHost(host: string | undefined): void {
    const name = nameOf(host);
    if (name !== undefined && name !== '' && (this.#hosts.has(name) || this.#isOwnAddress(name))) return;
    throw new LabError(
      'request.host-not-allowed',
      'this lab does not answer to that name; start it with --public-url and the address you use',
    );
  }

  #isOwnAddress(name: string): boolean {
    return isIP(name) !== 0 && this.sources.addresses().some((address) => address.toLowerCase() === name);
  }

  /** An absent origin is a program; a page must be the one this lab served. Throws `request.origin-not-allowed`. */
  checkOrigin(origin: string | undefined, host: string | undefined): void {
    if (origin === undefined || this.#origins.has(origin)) return;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url && /^https?:$/.test(url.protocol) && url.host === host?.toLowerCase()) return;
    throw new LabError(
      'request.origin-not-allowed',
      'a page of another address may not use this lab; add it with --public-url if it is yours',
    );
  }
}
