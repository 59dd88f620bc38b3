import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError, problemOf } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseAgentArgs } from './config.js';
import { loadIdentity } from './identity.js';
import { becomeMember } from './membership.js';
import type { AgentReport } from './reporter.js';
import { FakeLab } from './testing/fake-lab.js';

let lab: FakeLab;
let dir: string;
let reports: AgentReport[];
beforeEach(async () => {
  lab = await FakeLab.start();
  dir = await mkdtemp(join(tmpdir(), 'hilltop-member-'));
  reports = [];
});
afterEach(async () => {
  await lab.stop();
  await rm(dir, { recursive: true });
});

const config = (...argv: string[]) =>
  parseAgentArgs([...argv, '--data', dir], { env: {}, home: dir, host: 'bench' }).config;
/** Answers the first attempts to join with these problems, then lets the lab answer. */
function member(argv: readonly string[], ...problems: LabError[]) {
  const refusing = (async (url: string, init?: RequestInit) => {
    const problem = init?.method === 'POST' ? problems.shift() : undefined;
    return problem ? new Response(JSON.stringify(problemOf(problem)), { status: problem.status }) : fetch(url, init);
  }) as typeof fetch;
  return becomeMember(config(...argv), {
    report: (r) => reports.push(r),
    fetch: refusing,
    signal: new AbortController().signal,
  });
}

describe('becomeMember', () => {
  it('[AGENT-2] joins once; later neither token nor address is needed', async () => {
    const first = await member([lab.url, '--token', lab.token]);
    const again = [await member([]), await member([lab.url, '--token', lab.token])];
    expect(again.map((m) => m!.membership)).toEqual([first!.membership, first!.membership]);
    expect(lab.joins).toBe(1);
    expect((await member(['http://elsewhere']))!.membership.url).toBe('http://elsewhere');
  });

  it('[AGENT-10] without an address or a token at the first time it is wrong use', async () => {
    await expect(member([])).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(member([lab.url])).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('[AGENT-7] waits for a lab that is away or overrun', async () => {
    const joined = await member(
      [lab.url, '--token', lab.token],
      new LabError('lab.overloaded', 'later'),
      new LabError('request.rate-limited', 'slowly'),
    );
    expect(joined!.membership.agentId).toBe(lab.agentId);
    expect(reports.map((r) => r.event)).toEqual(['waiting', 'waiting', 'joined']);
  });

  it('[AGENT-2] a refused token is final, but a member of the same lab stays one', async () => {
    const spent = () => new LabError('join.token-spent', 'used up');
    await expect(member([lab.url, '--token', lab.token], spent())).rejects.toMatchObject({ code: 'join.token-spent' });
    const first = await member([lab.url, '--token', lab.token]);
    const other = lab.token.replace('_aaa', '_bbb');
    expect((await member([lab.url, '--token', other], spent()))!.membership).toEqual(first!.membership);
  });

  it('[AGENT-2] a removed agent with a new token comes back with a new key', async () => {
    const before = (await loadIdentity(dir)).publicKey;
    const joined = await member([lab.url, '--token', lab.token], new LabError('auth.revoked', 'removed'));
    expect(joined!.identity.publicKey).not.toBe(before);
    expect([(await loadIdentity(dir)).publicKey, lab.publicKey]).toEqual([
      joined!.identity.publicKey,
      joined!.identity.publicKey,
    ]);
  });
});
