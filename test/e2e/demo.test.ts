import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Frontier } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { root } from '../support/lab.js';

/** Runs the CLI as a newcomer would: an empty home, no settings. */
function hilltop(args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const home = mkdtempSync(join(tmpdir(), 'hilltop-home-'));
    const { HILLTOP_URL: _url, HILLTOP_TOKEN: _token, ...env } = process.env;
    const child = spawn(process.execPath, [join(root, 'bin/hilltop.mjs'), ...args], {
      env: { ...env, HOME: home, XDG_CONFIG_HOME: '', XDG_DATA_HOME: '', NODE_OPTIONS: '' },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (c: Buffer) => (out += c.toString()));
    child.stderr.on('data', (c: Buffer) => (err += c.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('hilltop', () => {
  it('[DEMO-20] demo --json does the whole main job and prints more than one point', async () => {
    const { code, out, err } = await hilltop(['demo', '--json']);
    expect([code, code === 0 ? '' : err.slice(-2000)]).toEqual([0, '']);
    const document: unknown = JSON.parse(out);
    const frontiers = z
      .array(Frontier)
      .parse(Array.isArray(document) ? document : (document as { frontiers: unknown }).frontiers);
    expect(frontiers[0]!.devices[0]!.points.length).toBeGreaterThan(1);
  }, 240_000);

  it('[CLI-20] says what is wrong and how to mend it', async () => {
    expect((await hilltop(['frontir'])).code).toBe(2);
    expect((await hilltop(['run', '--nonsense'])).code).toBe(2);
    const unreachable = await hilltop(['login', 'http://127.0.0.1:9', '--token', 'hlt_usr_x']);
    expect([1, 2, 3]).toContain(unreachable.code);
    expect((await hilltop(['--help'])).out).toContain('frontier');
  }, 60_000);
});
