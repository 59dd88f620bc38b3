import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalBatch } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Journal } from './journal.js';
import { Outbox } from './outbox.js';

let root: string;
let journal: Journal;
let sent: number[][];
let timers: Array<{ run: () => void; ms: number; stopped: boolean }>;
let outbox: Outbox;
let up: boolean;
let notify: () => void;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hilltop-outbox-'));
  journal = (await Journal.open(root)).journal;
  sent = [];
  timers = [];
  up = true;
  notify = () => undefined;
  outbox = new Outbox(journal, {
    publish: (batch: JournalBatch) => {
      if (!up) return false;
      sent.push(batch.records.map((r) => r.seq));
      notify();
      return true;
    },
    setTimer: (run, ms) => {
      const timer = { run, ms, stopped: false };
      timers.push(timer);
      notify();
      return () => {
        timer.stopped = true;
      };
    },
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  outbox.stop();
  await journal.close();
  await rm(root, { recursive: true });
});

/** Resolves when the condition holds, looked at after every publish and timer. */
const until = (holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (holds()) resolve();
    };
    notify = check;
    check();
  });

async function fill(count: number): Promise<void> {
  for (let i = 0; i < count; i++) journal.append({ type: 'run.preparing', runId: 'run_00000001', fence: i + 1 });
  await journal.sync();
}
const liveTimer = () => timers.find((t) => !t.stopped)!;

describe('Outbox', () => {
  it('[JRNL-8] sends only what is durable, and only after the welcome', async () => {
    await fill(2);
    expect(sent).toEqual([]);
    outbox.start(1);
    await until(() => sent.length === 1);
    journal.append({ type: 'run.preparing', runId: 'run_00000001', fence: 9 });
    expect(sent).toEqual([[1, 2]]);
    await journal.sync();
    await until(() => sent.length === 2);
    expect(sent[1]).toEqual([3]);
  });

  it('[JRNL-8] keeps at most 32 records in flight and goes on as they are acknowledged', async () => {
    await fill(40);
    outbox.start(1);
    await until(() => timers.length > 0);
    expect(sent).toEqual([Array.from({ length: 32 }, (_, i) => i + 1)]);
    await outbox.acknowledge(11);
    await until(() => sent.length === 2);
    expect(sent[1]).toEqual([33, 34, 35, 36, 37, 38, 39, 40]);
    await outbox.acknowledge(41);
    expect(outbox.empty).toBe(true);
  });

  it('[JRNL-8] sends everything again from the first unacknowledged after 5, 10, 20 and 60 s, and after a gap', async () => {
    await fill(3);
    outbox.start(1);
    const waits: number[] = [];
    for (let round = 1; round <= 5; round++) {
      await until(() => sent.length === round && liveTimer() !== undefined);
      const timer = liveTimer();
      waits.push(timer.ms);
      timer.stopped = true;
      timer.run();
    }
    await until(() => sent.length === 6 && liveTimer() !== undefined);
    expect(waits).toEqual([5_000, 10_000, 20_000, 60_000, 60_000]);
    expect(sent.every((seqs) => seqs.join() === '1,2,3')).toBe(true);
    outbox.start(2);
    await until(() => sent.length === 7);
    expect(sent[6]).toEqual([2, 3]);
  });

  it('[JRNL-8] sends nothing while the link is down', async () => {
    await fill(1);
    outbox.start(1);
    await until(() => sent.length === 1);
    outbox.stop();
    up = false;
    await fill(1);
    expect(sent).toEqual([[1]]);
  });
});
