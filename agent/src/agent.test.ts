import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeColumn, encodeTensorPack, type Heartbeat } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeLab } from './testing/fake-lab.js';
import { endlessModel } from './testing/models.js';
import { runStart } from './testing/start.js';
import { type TestAgent, testAgent } from './testing/test-agent.js';

// Real processes: on a busy machine starting one takes its time.
jest.setTimeout(30_000);

let lab: FakeLab;
let dir: string;
const running: TestAgent[] = [];

const agent = (args?: string[]): TestAgent => {
  const started = testAgent(lab, dir, args);
  running.push(started);
  return started;
};

beforeEach(async () => {
  lab = await FakeLab.start();
  dir = await mkdtemp(join(tmpdir(), 'hilltop-agent-'));
});
afterEach(async () => {
  for (const { stop } of running.splice(0)) await stop().catch(() => undefined);
  await lab.stop();
  await rm(dir, { recursive: true, force: true });
});

/** A model that never ends, for runs that shall go on until somebody ends them. */
const slow = () => ({
  artifact: lab.addBlob(endlessModel),
  protocol: { ...runStart(lab, 1).protocol, blockTimeoutMs: 20_000 },
});
const executing = async (runId: string): Promise<void> => {
  await lab.until(() => lab.events.find((e) => e.type === 'run.started' && e.runId === runId));
};
const truth = async (): Promise<string[][]> =>
  (await readFile(join(dir, 'truth'), 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));

/** What has arrived, in order. */
const observed = () => lab.events.flatMap((e) => (e.type === 'run.observed' ? [e.observations] : []));

describe('agent', () => {
  it('[AGENT-1] joins, connects, serves its device and carries out a run', async () => {
    const a = agent();
    await lab.message('up/heartbeat');
    const start = runStart(lab, 1);
    lab.start(start);
    const ended = await lab.ended(start.runId);
    expect(ended).toEqual({
      type: 'run.ended',
      runId: start.runId,
      fence: 1,
      outcome: 'succeeded',
      batches: observed().length,
      transferBytes: expect.any(Number),
      artifactSha256: start.artifact.sha256,
    });
    // A profile of the layers follows where it is cheap enough.
    const told = lab.events.map((e) => (e.type === 'run.observed' ? e.observations.kind : e.type));
    expect(told.filter((kind) => kind !== 'profile')).toEqual([
      'run.preparing',
      'run.started',
      'warm-up',
      'latency',
      'process',
      'memory',
      'evidence',
      'warm-up',
      'latency',
      'process',
      'memory',
      'evidence',
      'run.ended',
    ]);
    expect((await truth()).map((l) => l.slice(0, 5))).toEqual(
      ['start', 'end', 'start', 'end'].map((edge) => [edge, lab.deviceId, start.runId, '1', start.artifact.sha256]),
    );
    await a.stop();
    expect(a.reports.map((r) => r.event)).toEqual([
      'joined',
      'device',
      'connected',
      'device',
      'run.started',
      'run.ended',
      'stopped',
    ]);
  });

  it('[AGENT-1] evaluates the labelled data that comes over the link, and takes it from its cache the next time', async () => {
    agent();
    await lab.message('up/heartbeat');
    const pack = encodeTensorPack({
      items: 3,
      classes: 1,
      labels: Int32Array.of(0, 0, 0),
      inputs: [{ type: 'float32', dims: [1], scale: 1, offset: 0, data: new Uint8Array(12) }],
    });
    const evaluation = { ...lab.addBlob(pack), items: 3 };
    const [first, second] = [runStart(lab, 1, { evaluation }), runStart(lab, 2, { evaluation })];
    lab.start(first);
    const { transferBytes } = await lab.ended(first.runId);
    expect(transferBytes).toBeGreaterThan(pack.length + first.artifact.bytes);
    lab.start(second);
    expect(await lab.ended(second.runId)).toMatchObject({ outcome: 'succeeded', transferBytes: 0 });
    expect(lab.chunksSent).toBe(2);
    const items = lab.events.flatMap((e) =>
      e.type === 'run.observed' && e.observations.kind === 'item'
        ? [[...decodeColumn(e.observations, 'predicted')]]
        : [],
    );
    expect(items).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('[AGENT-3] refuses a data directory that another agent has', async () => {
    agent();
    await lab.message('up/hello');
    await expect(agent().done).rejects.toMatchObject({ code: 'agent.data-locked' });
  });

  it('[AGENT-4] carries out no start whose fence is not higher than every one before, also after a restart', async () => {
    const a = agent();
    await lab.message('up/heartbeat');
    const first = runStart(lab, 5);
    lab.start(first);
    await lab.ended(first.runId);
    for (const fence of [5, 4]) lab.start(runStart(lab, fence));
    await a.stop();
    agent();
    expect((await lab.message('up/hello', 2)).maxFence).toEqual({ [lab.deviceId]: 5 });
    await lab.message('up/heartbeat', 2);
    lab.start(runStart(lab, 5));
    const last = runStart(lab, 6);
    lab.start(last);
    await lab.ended(last.runId);
    expect(new Set((await truth()).map((line) => line[2]))).toEqual(new Set([first.runId, last.runId]));
  });

  it('[AGENT-4] carries out one run at a time on a device', async () => {
    agent();
    await lab.message('up/heartbeat');
    const runs = [1, 2, 3].map((fence) => runStart(lab, fence));
    for (const run of runs) lab.start(run);
    await lab.ended(runs[2]!.runId);
    const lines = await truth();
    expect(lines.map(([edge]) => edge)).toEqual(lines.map((_, i) => (i % 2 === 0 ? 'start' : 'end')));
    expect(lines.map((line) => line[3])).toEqual(['1', '1', '1', '1', '2', '2', '2', '2', '3', '3', '3', '3']);
  });

  it('[AGENT-4] renews a claim every third of its life while the run goes on', async () => {
    agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, { ...slow(), ttlMs: 1000 });
    lab.start(run);
    const renewals = () =>
      lab.seen.filter(
        (s) =>
          s.channel === 'up/heartbeat' &&
          (s.payload as Heartbeat).renew.some((r) => r.runId === run.runId && r.fence === 1),
      );
    await lab.until(() => (renewals().length >= 3 ? true : undefined));
  });

  it('[AGENT-5] ends a cancelled run within a second', async () => {
    agent();
    await lab.message('up/heartbeat');
    const [run, waiting] = [runStart(lab, 1, slow()), runStart(lab, 2)];
    lab.start(run);
    lab.start(waiting);
    await executing(run.runId);
    const asked = performance.now();
    lab.send('down/run.cancel', { runId: waiting.runId, fence: 2, reason: 'no longer wanted' });
    lab.send('down/run.cancel', { runId: run.runId, fence: 1, reason: 'no longer wanted' });
    expect(await lab.ended(run.runId)).toMatchObject({
      outcome: 'cancelled',
      error: { code: 'run.cancelled', message: 'no longer wanted', cause: 'user' },
    });
    expect(await lab.ended(waiting.runId)).toMatchObject({ outcome: 'cancelled', batches: 0 });
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  it('[AGENT-5] a run that is cancelled as soon as it is started does not run', async () => {
    agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, slow());
    lab.start(run);
    lab.send('down/run.cancel', { runId: run.runId, fence: 1, reason: 'changed my mind' });
    expect(await lab.ended(run.runId)).toMatchObject({ outcome: 'cancelled', batches: 0 });
  });

  it('[AGENT-4] a newer attempt of a run that it still works on takes its place', async () => {
    agent();
    await lab.message('up/heartbeat');
    const older = runStart(lab, 1, slow());
    lab.start(older);
    await executing(older.runId);
    const newer = runStart(lab, 2, { runId: older.runId, attempt: 2 });
    lab.start(newer);
    const outcomes = () =>
      lab.events.flatMap((e) => (e.type === 'run.ended' ? [[e.runId, e.fence, e.outcome] as const] : []));
    await lab.until(() => (outcomes().length === 2 ? true : undefined));
    expect(outcomes()).toEqual([
      [older.runId, 1, 'cancelled'],
      [older.runId, 2, 'succeeded'],
    ]);
  });

  it('[AGENT-5] ends a run that the lab does not go on with', async () => {
    agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, slow());
    lab.start(run);
    await executing(run.runId);
    lab.welcomeExtra = { continue: [], abort: [{ runId: run.runId, fence: 1, reason: 'given to another' }] };
    lab.epoch = 'epoch-2';
    await lab.publishEpoch();
    expect(await lab.ended(run.runId)).toMatchObject({ outcome: 'cancelled' });
  });

  it('[AGENT-6] a stopped agent ends its run as interrupted, and leaves within two seconds', async () => {
    const a = agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, slow());
    lab.start(run);
    await executing(run.runId);
    const asked = performance.now();
    await a.stop();
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(await lab.ended(run.runId)).toMatchObject({
      outcome: 'failed',
      error: { code: 'run.interrupted', cause: 'infrastructure' },
    });
  });

  it('[AGENT-6] stopped before its link is up, it ends', async () => {
    const a = agent();
    await a.reported('joined');
    await a.stop();
    expect(a.reports.at(-1)).toEqual({ event: 'stopped' });
    expect(a.reports.map((r) => r.event)).not.toContain('connected');
  });

  it('[AGENT-7] comes back after a cut and loses nothing', async () => {
    agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, { protocol: { ...runStart(lab, 1).protocol, blocks: 3 } });
    lab.start(run);
    await lab.until(() => lab.events.find((e) => e.type === 'run.observed'));
    lab.cut();
    const ended = await lab.ended(run.runId);
    expect(ended).toMatchObject({ outcome: 'succeeded', batches: observed().length });
    expect(observed().length).toBeGreaterThanOrEqual(15);
    expect(observed().map(({ seq }) => seq)).toEqual(observed().map((_, i) => i));
  });

  it('[AGENT-7] says that it is rejected when its login goes on being refused', async () => {
    lab.refuseLogin = 5;
    const a = agent();
    await a.reported('rejected');
    expect(a.reports.filter((r) => r.event !== 'device')).toEqual([
      { event: 'joined', agentId: lab.agentId, labId: lab.labId, url: lab.url },
      { event: 'disconnected', retryMs: 500, reason: expect.any(String) },
      { event: 'rejected', code: 'link.rejected', retryMs: 60_000, reason: expect.any(String) },
    ]);
  });

  it('[AGENT-8] says hello again when the coordinator starts anew', async () => {
    agent();
    const first = await lab.message('up/hello');
    await lab.message('up/heartbeat');
    lab.epoch = 'epoch-2';
    await lab.publishEpoch();
    expect(await lab.message('up/hello', 2)).toEqual(first);
  });

  it('[AGENT-14] leaves for good when the lab turns it away without a time to come back', async () => {
    const a = agent();
    await lab.message('up/heartbeat');
    lab.send('down/refused', { code: 'wire.version', message: 'update the agent' });
    await expect(a.done).rejects.toMatchObject({ code: 'link.rejected', message: 'update the agent' });
  });
});

describe('hilltop-agent', () => {
  const bin = fileURLToPath(new URL('../bin/hilltop-agent.cjs', import.meta.url));
  const start = (args: readonly string[]) => {
    const child = spawn(process.execPath, [bin, ...args, '--data', dir, '--json'], {
      env: { ...process.env, HILLTOP_GROUND_TRUTH: join(dir, 'truth'), HILLTOP_LOG: 'silent' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: Array<Record<string, unknown>> = [];
    child.stdout.on('data', (part) =>
      lines.push(
        ...String(part)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    );
    const exit = once(child, 'exit').then(([code]) => code as number | null);
    return { child, lines, exit };
  };

  it('[AGENT-6] killed in the middle of a run, it reports it as interrupted at the next start, and its child is gone', async () => {
    const first = start([lab.url, '--token', lab.token]);
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, slow());
    lab.start(run);
    await executing(run.runId);
    first.child.kill('SIGKILL');
    await first.exit;
    const second = start([]);
    expect(await lab.ended(run.runId)).toEqual({
      type: 'run.ended',
      runId: run.runId,
      fence: 1,
      outcome: 'failed',
      batches: 0,
      transferBytes: 0,
      error: { code: 'run.interrupted', message: expect.any(String), cause: 'infrastructure' },
    });
    const next = runStart(lab, 2);
    lab.start(next);
    expect(await lab.ended(next.runId)).toMatchObject({ outcome: 'succeeded' });
    second.child.kill('SIGINT');
    expect(await second.exit).toBe(0);
    expect(second.lines.at(-1)).toEqual({ event: 'stopped' });
  });

  it('[AGENT-10] its exit status tells refusal, wrong use and infrastructure apart', async () => {
    const wrongUse = start(['--frobnicate']);
    const otherLab = start([lab.url, '--token', `${lab.token.slice(0, -1)}${lab.token.endsWith('0') ? '1' : '0'}`]);
    expect([await wrongUse.exit, await otherLab.exit]).toEqual([2, 1]);
    expect(otherLab.lines).toEqual([
      { event: 'error', code: 'join.fingerprint-mismatch', message: expect.any(String) },
    ]);
    agent();
    await lab.message('up/hello');
    const locked = start([]);
    expect([await locked.exit, locked.lines]).toEqual([
      3,
      [{ event: 'error', code: 'agent.data-locked', message: expect.any(String) }],
    ]);
  });
});
