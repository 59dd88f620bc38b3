import { BlockList, isIP } from 'node:net';
import { LabError } from '@hilltop/contracts';

/** Never, whatever is configured: this network, link-local with the metadata services of clouds, multicast, reserved. */
const never = blockList([
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['fd00:ec2::', 32, 'ipv6'],
]);
const loopback = blockList([
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
]);

/**
 * Which addresses a webhook may have: https anywhere, http and this machine only on hosts that the operator named, such as `chat.lan` or
 * `127.0.0.1:9000`. A name is judged by what it resolves to, at each connection.
 */
export class AddressPolicy {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowedHosts: readonly string[]) {
    this.#allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  }

  /** Throws `subscription.address-refused`. */
  checkUrl(url: URL): void {
    if (url.username !== '' || url.password !== '')
      throw refused(url, 'an address with a name and password in it is not used; the signature proves who sends');
    if (url.protocol !== 'https:' && !this.#names(url))
      throw refused(
        url,
        'http goes only to hosts named in HILLTOP_NEWS_HOSTS; use https, or have the host named there',
      );
    const host = bare(url.hostname);
    if (isIP(host) !== 0) this.checkAddress(url, host);
  }

  /** Of one resolved address. Throws `subscription.address-refused`. */
  checkAddress(url: URL, address: string): void {
    if (contains(never, address)) throw refused(url, `${address} is no address that news goes to`);
    if (contains(loopback, address) && !this.#names(url))
      throw refused(url, `${address} is the lab's own machine; that needs the host in HILLTOP_NEWS_HOSTS`);
  }

  #names(url: URL): boolean {
    return this.#allowed.has(url.hostname.toLowerCase()) || this.#allowed.has(url.host.toLowerCase());
  }
}

const refused = (url: URL, why: string): LabError =>
  new LabError('subscription.address-refused', `${url.host}: ${why}`, { host: url.host });

/** IPv6 stands in brackets in a URL. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/** An IPv4 address written as IPv6 (`::ffff:127.0.0.1`, `64:ff9b::7f00:1`) is the IPv4 address. */
function contains(list: BlockList, address: string): boolean {
  if (isIP(address) === 4) return list.check(address, 'ipv4');
  const inner = ipv4Within(address);
  return list.check(address, 'ipv6') || (inner !== undefined && list.check(inner, 'ipv4'));
}

function ipv4Within(address: string): string | undefined {
  const written = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const match = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written);
  if (!match) return undefined;
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(subnets: ReadonlyArray<readonly [string, number, 'ipv4' | 'ipv6']>): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of subnets) list.addSubnet(net, prefix, family);
  return list;
}
