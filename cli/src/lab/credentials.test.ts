import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLabError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { credentialsFile, labAddress, readCredentials, rememberLab } from './credentials.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hilltop-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('credentials', () => {
  it('[CLI-9] are kept in a file that only their owner can read', () => {
    const place = { env: {}, home };
    rememberLab(place, 'http://a:1', 'one');
    rememberLab(place, 'http://b:2', 'two');
    expect(readCredentials(place)).toEqual({
      current: 'http://b:2',
      labs: { 'http://a:1': { token: 'one' }, 'http://b:2': { token: 'two' } },
    });
    expect([
      statSync(credentialsFile(place)).mode & 0o777,
      statSync(join(home, '.config', 'hilltop')).mode & 0o777,
    ]).toEqual([0o600, 0o700]);
  });

  it('[CLI-9] follow XDG_CONFIG_HOME', () => {
    expect(credentialsFile({ env: { XDG_CONFIG_HOME: '/etc/me' }, home })).toBe('/etc/me/hilltop/credentials.json');
  });

  it('[CLI-9] a damaged file is named and not overwritten', () => {
    mkdirSync(join(home, '.config', 'hilltop'), { recursive: true });
    writeFileSync(credentialsFile({ env: {}, home }), '{');
    let caught: unknown;
    try {
      rememberLab({ env: {}, home }, 'http://a:1', 'one');
    } catch (error) {
      caught = error;
    }
    expect(isLabError(caught, 'usage.invalid')).toBe(true);
  });

  it('[CLI-9] HILLTOP_URL and HILLTOP_TOKEN win over what was remembered', () => {
    rememberLab({ env: {}, home }, 'http://a:1', 'one');
    expect([
      labAddress({ env: {}, home }),
      labAddress({ env: { HILLTOP_URL: 'http://c:3/' }, home }),
      labAddress({ env: { HILLTOP_TOKEN: 'x' }, home }),
    ]).toEqual([{ url: 'http://a:1', token: 'one' }, { url: 'http://c:3' }, { url: 'http://a:1', token: 'x' }]);
  });

  it('[CLI-9] the data directory of this machine signs in to the lab of this machine only', () => {
    mkdirSync(join(home, '.local', 'share', 'hilltop'), { recursive: true });
    writeFileSync(join(home, '.local', 'share', 'hilltop', 'admin-token'), 'hlt_usr_admin\n');
    expect([
      labAddress({ env: {}, home }),
      labAddress({ env: { HILLTOP_URL: 'http://elsewhere:7070' }, home }),
    ]).toEqual([{ url: 'http://127.0.0.1:7070', token: 'hlt_usr_admin' }, { url: 'http://elsewhere:7070' }]);
  });
});
