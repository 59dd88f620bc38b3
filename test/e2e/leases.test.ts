import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Reservation, TokenCreated, User } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root, startLab, type TestLab } from '../support/lab.js';

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe('two people and one device', () => {
  let lab: TestLab;
  const tokens = new Map<string, string>();

  /** The real command line, as somebody. */
  const hilltop = (who: string, ...args: readonly string[]): Promise<Said> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'bin/hilltop.mjs'), ...args], {
        env: { ...process.env, NODE_OPTIONS: '', HILLTOP_URL: lab.url, HILLTOP_TOKEN: tokens.get(who) },
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (text) => {
        out += String(text);
      });
      child.stderr.on('data', (text) => {
        err += String(text);
      });
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, out, err }));
    });
  /** The same with `--json`: its status and document. */
  const json = async <T>(who: string, ...args: readonly string[]): Promise<{ status: number | null; said: T }> => {
    const { status, out, err } = await hilltop(who, ...args, '--json');
    if (out === '') throw new Error(`${args.join(' ')}: ${err}`);
    return { status, said: JSON.parse(out) as T };
  };
  beforeAll(async () => {
    lab = await startLab();
    for (const name of ['Ana', 'Mira']) {
      const user = await lab.api<User>('POST', '/users', { name, role: 'operator' });
      const { secret } = await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id });
      tokens.set(name, secret);
    }
    await lab.agent('bench-pi', { wait: 'none' });
    await lab
      .watch('lab')
      .until((entities) => [...entities.device.values()].find(({ name }) => name === 'bench-pi'), 60_000);
  }, 90_000);
  afterAll(() => lab.stop());

  it('[LEASE-30] reserve, queue, restart, give back, hand over', async () => {
    const held = await json<Reservation>('Ana', 'reserve', '-d', 'bench-pi', '--for', '2h', '--note', 'probe');
    expect(held).toMatchObject({ status: 0, said: { state: 'held', deviceName: 'bench-pi', holder: { name: 'Ana' } } });

    const refused = await hilltop('Mira', 'reserve', '-d', 'bench-pi');
    expect(refused.status).toBe(1);
    expect(refused.out).toMatch(/^bench-pi is held by Ana until \S.*; you are 1st in queue \(rsv_/);

    // Neither a killed agent nor a killed coordinator frees anything.
    await lab.agents[0]!.kill();
    await lab.server.kill();
    await lab.start();
    const waiting = json<Reservation>('Mira', 'reserve', '-d', 'bench-pi', '--wait');
    const who = await json<Array<{ lease?: Reservation; queue: Reservation[] }>>('Ana', 'who');
    expect(who.said).toMatchObject([{ lease: { id: held.said.id, until: held.said.until }, queue: [{ place: 1 }] }]);

    // Who waits at the command line takes it in the moment it is given back, and may give it away.
    expect((await hilltop('Ana', 'release', 'bench-pi')).status).toBe(0);
    expect(await waiting).toMatchObject({ status: 0, said: { state: 'held', holder: { name: 'Mira' } } });
    const given = await json<Reservation>('Mira', 'handover', 'bench-pi', '--to', 'Ana');
    expect(given).toMatchObject({ status: 0, said: { state: 'held', holder: { name: 'Ana' } } });
    expect((await lab.api<{ items: Reservation[] }>('GET', '/leases')).items).toEqual([given.said]);
  }, 90_000);
});
