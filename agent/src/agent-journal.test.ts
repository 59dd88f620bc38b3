import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Heartbeat, Hello } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Journal } from './journal/journal.js';
import { FakeLab } from './testing/fake-lab.js';
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

describe('agent and its journal', () => {
  it('[JRNL-6] holds a run back while its journal has no room, and keeps its claim', async () => {
    const full = jest.spyOn(Journal.prototype, 'full', 'get').mockReturnValue(true);
    agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1, { ttlMs: 1000 });
    lab.start(run);
    await lab.until(() =>
      lab.seen.find((s) => s.channel === 'up/heartbeat' && (s.payload as Heartbeat).renew.length === 1),
    );
    expect(lab.events).toEqual([]);
    full.mockRestore();
    expect(await lab.ended(run.runId)).toMatchObject({ outcome: 'succeeded' });
  });

  it('[JRNL-9] ends with the reason when its journal cannot be written any more', async () => {
    const a = agent();
    await lab.message('up/heartbeat');
    const probe = await open(dir, 'r');
    await probe.close();
    const failing = jest
      .spyOn(Object.getPrototypeOf(probe) as FileHandle, 'datasync')
      .mockRejectedValue(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
    lab.start(runStart(lab, 1));
    await expect(a.done).rejects.toMatchObject({ code: 'journal.full' });
    failing.mockRestore();
  });

  it('[JRNL-3] keeps results across restarts until they are acknowledged', async () => {
    lab.acknowledging = false;
    const a = agent();
    await lab.message('up/heartbeat');
    const run = runStart(lab, 1);
    lab.start(run);
    await lab.ended(run.runId);
    await a.stop();
    lab.cursors.clear();
    lab.events.splice(0);
    lab.acknowledging = true;
    agent();
    expect(await lab.ended(run.runId)).toMatchObject({
      outcome: 'succeeded',
      batches: lab.events.filter((e) => e.type === 'run.observed').length,
    });
    expect(lab.joins).toBe(1);
  });

  it('[JRNL-7] starts a new journal when the lab counts further than it', async () => {
    const a = agent();
    const { journalId } = await lab.message('up/hello');
    await lab.message('up/heartbeat');
    await a.stop();
    lab.cursors.set(journalId, 100);
    agent();
    const { firstSeq } = await lab.until(() =>
      lab.seen.map((s) => s.payload as Hello).find((p) => p.maxFence && p.journalId !== journalId),
    );
    expect(firstSeq).toBe(1);
    await lab.message('up/heartbeat', 2);
    const run = runStart(lab, 1);
    lab.start(run);
    expect(await lab.ended(run.runId)).toMatchObject({ outcome: 'succeeded' });
  });
});
