import { describe, expect, it } from '@jest/globals';
import { HostPolicy } from './host-policy.js';
import { refusalOf } from './http-policy.js';

describe('host policy', () => {
  const addresses = ['192.168.1.7', 'FE80::1'];
  const policy = new HostPolicy({
    listen: '0.0.0.0',
    publicUrls: ['https://lab.example/base', 'http://proxy.local:8080'],
    addresses: () => addresses,
    hostname: 'Bench',
  });
  const host = (value: string | undefined) => refusalOf(() => policy.checkHost(value))?.code ?? 'ours';
  const origin = (value: string, at: string) => refusalOf(() => policy.checkOrigin(value, at))?.code ?? 'ours';

  it('[HTTP-1] names of this machine, its addresses and what was configured are ours', () => {
    const ours = [
      'localhost',
      '[::1]',
      'bench',
      'BENCH.local:7070',
      '192.168.1.7:7070',
      '[fe80::1]:7070',
      'lab.example',
      'lab.example.',
      'proxy.local:8080',
    ];
    expect(ours.map(host)).toEqual(ours.map(() => 'ours'));
    const foreign = [
      undefined,
      '',
      ' ',
      'evil.test',
      '192.168.1.8',
      '[fe80::2]',
      'bench.evil.test',
      'user@bench',
      'bench/x',
      '0.0.0.0.evil',
    ];
    expect(foreign.map(host)).toEqual(foreign.map(() => 'request.host-not-allowed'));
  });

  it('[HTTP-1] an address that a network brought later counts, too', () => {
    expect(host('10.0.0.9')).toBe('request.host-not-allowed');
    addresses.push('10.0.0.9');
    expect(host('10.0.0.9:7070')).toBe('ours');
  });

  it('[HTTP-2] the page we served and configured addresses may act, no other page of this machine', () => {
    expect(origin('http://bench:7070', 'bench:7070')).toBe('ours');
    expect(origin('https://lab.example', '10.0.0.1:7070')).toBe('ours');
    for (const foreign of ['http://bench:3000', 'http://evil.test', 'null', 'ftp://bench:7070', 'x']) {
      expect(origin(foreign, 'bench:7070')).toBe('request.origin-not-allowed');
    }
  });
});
