import { mkdtemp, open as openFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry, JournalEvent } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Journal, journalLimits } from './journal.js';
import { openRuns } from './open-runs.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hilltop-journal-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(root, { recursive: true });
});

const preparing = (runId: string, fence = 1): JournalEvent => ({ type: 'run.preparing', runId, fence });
const ended = (runId: string): JournalEvent => ({
  type: 'run.ended',
  runId,
  fence: 1,
  outcome: 'succeeded',
  batches: 0,
  transferBytes: 0,
});
const open = async (limits = journalLimits): Promise<Journal> => (await Journal.open(root, limits)).journal;
const segments = async (journal: Journal): Promise<string[]> => (await readdir(join(root, journal.id))).sort();
const path = async (journal: Journal): Promise<string> => join(root, journal.id, (await segments(journal)).at(-1)!);

async function all(journal: Journal): Promise<JournalEntry[]> {
  const events: JournalEntry[] = [];
  for await (const { event } of journal.events()) events.push(event);
  return events;
}

/** What all open files share, to let the disk fail. */
async function fileHandles(): Promise<Record<'write' | 'datasync', (...args: unknown[]) => Promise<unknown>>> {
  const file = await openFile(root, 'r');
  await file.close();
  return Object.getPrototypeOf(file) as Awaited<ReturnType<typeof fileHandles>>;
}

async function filled(count: number, limits = journalLimits): Promise<Journal> {
  const journal = await open(limits);
  for (let i = 1; i <= count; i++) {
    journal.append(preparing(`run_${String(i).padStart(8, '0')}`));
    await journal.sync();
  }
  return journal;
}

describe('Journal', () => {
  it('[JRNL-1] keeps its id and goes on counting after a restart', async () => {
    const first = await filled(3);
    await first.close();
    const second = await open();
    expect([second.id, second.firstSeq, second.durableSeq, second.append(preparing('run_00000004'))]).toEqual([
      first.id,
      1,
      3,
      4,
    ]);
    expect(await second.read(2)).toEqual(preparing('run_00000002'));
    await second.close();
  });

  it('[JRNL-3] is durable at once by sync, otherwise together', async () => {
    const journal = await open();
    let told = 0;
    journal.onDurable = () => told++;
    journal.append(preparing('run_00000001'));
    journal.append(preparing('run_00000002'));
    expect(journal.durableSeq).toBe(0);
    await journal.sync();
    expect([journal.durableSeq, told]).toEqual([2, 1]);
    await journal.close();
  });

  it('[JRNL-2] cuts a torn tail and loses only what was never durable', async () => {
    const journal = await filled(3);
    await journal.close();
    const file = await path(journal);
    await truncate(file, (await readFile(file)).length - 1);
    const { journal: again, notes } = await Journal.open(root);
    expect([again.id, again.lastSeq, notes.length]).toEqual([journal.id, 2, 1]);
    again.append(preparing('run_00000009'));
    await again.sync();
    expect(await again.read(3)).toEqual(preparing('run_00000009'));
    await again.close();
  });

  it('[JRNL-2] sets damage aside, reports it and starts a new journal', async () => {
    const journal = await filled(3);
    await journal.close();
    const file = await path(journal);
    const bytes = await readFile(file);
    bytes[25]! ^= 1;
    await writeFile(file, bytes);
    const { journal: fresh, notes } = await Journal.open(root);
    expect(fresh.id).not.toBe(journal.id);
    expect(notes).toEqual([expect.stringContaining(`${journal.id}.corrupt`)]);
    expect(await fresh.read(1)).toEqual({ type: 'agent.degraded', reason: expect.any(String) });
    expect(await readdir(root)).toContain(`${journal.id}.corrupt`);
    await fresh.close();
  });

  it('[JRNL-4] rolls its segments and drops those that are acknowledged', async () => {
    const journal = await filled(10, { ...journalLimits, segmentBytes: 200 });
    const before = (await segments(journal)).length;
    await journal.acknowledge(8);
    expect([before > 2, (await segments(journal)).length < before, journal.firstSeq]).toEqual([true, true, 8]);
    expect(await journal.read(10)).toEqual(preparing('run_00000010'));
    await journal.acknowledge(11);
    await journal.close();
    const again = await open();
    expect([again.lastSeq, again.bytes]).toEqual([10, 0]);
    await again.close();
  });

  it('[JRNL-5] keeps acknowledged records of a run that is going on', async () => {
    const journal = await filled(10, { ...journalLimits, segmentBytes: 200 });
    journal.retainFrom(1);
    await journal.acknowledge(11);
    await journal.close();
    const again = await open();
    expect((await openRuns(again.events())).map((run) => run.runId)).toContain('run_00000001');
    await again.close();
  });

  it('[JRNL-6] is full from four fifths of its cap and still takes what must not be lost', async () => {
    const journal = await filled(10, { ...journalLimits, capBytes: 500 });
    expect(journal.full).toBe(true);
    journal.append(ended('run_00000010'));
    await journal.sync();
    expect(journal.durableSeq).toBe(11);
    await journal.close();
  });

  it('[JRNL-7] renews itself with everything unacknowledged', async () => {
    const journal = await filled(4);
    await journal.acknowledge(3);
    const before = journal.id;
    await journal.renew();
    expect(journal.id).not.toBe(before);
    expect(await all(journal)).toEqual([preparing('run_00000003'), preparing('run_00000004')]);
    await journal.close();
    const again = await open();
    expect(again.id).toBe(journal.id);
    await again.close();
  });

  it('[JRNL-7] takes what is appended while it renews itself along, under new numbers', async () => {
    const journal = await filled(4);
    await journal.acknowledge(3);
    const renewing = journal.renew();
    journal.append(preparing('run_00000005'));
    await new Promise((resolve) => setImmediate(resolve));
    journal.append(preparing('run_00000006'));
    await renewing;
    await journal.close();
    const again = await open();
    expect(await all(again)).toEqual([3, 4, 5, 6].map((n) => preparing(`run_0000000${n}`)));
    await again.close();
  });

  it('[JRNL-7] a crash while it renews itself loses nothing', async () => {
    const journal = await filled(4);
    jest.spyOn(await fileHandles(), 'datasync').mockRejectedValueOnce(new Error('the power went'));
    await expect(journal.renew()).rejects.toMatchObject({ code: 'journal.corrupt' });
    const again = await open();
    expect([again.id, again.lastSeq]).toEqual([journal.id, 4]);
    await again.close();
    await journal.close();
  });

  it('[JRNL-3] a write that the disk took in part is finished before it counts', async () => {
    const handles = await fileHandles();
    const { write } = handles;
    const journal = await open();
    jest.spyOn(handles, 'write').mockImplementationOnce(function (this: unknown, data, at, length, position) {
      return write.call(this, data, at, Math.floor(Number(length) / 2), position);
    });
    journal.append(preparing('run_00000001'));
    await journal.close();
    const again = await open();
    expect(await all(again)).toEqual([preparing('run_00000001')]);
    await again.close();
  });

  it('takes nothing more after the disk failed once', async () => {
    const journal = await filled(1, { ...journalLimits, segmentBytes: 1 });
    await rm(root, { recursive: true });
    await writeFile(root, 'no directory any more');
    journal.append(preparing('run_00000002'));
    await expect(journal.sync()).rejects.toMatchObject({ code: 'journal.corrupt' });
    expect(() => journal.append(preparing('run_00000003'))).toThrow(
      expect.objectContaining({ code: 'journal.corrupt' }),
    );
    await journal.close();
  });
});

describe('openRuns', () => {
  it('[AGENT-6] finds what began and did not end, with its batches', async () => {
    async function* events() {
      const observed = (runId: string): JournalEvent => ({
        type: 'run.observed',
        observations: {
          runId,
          fence: 1,
          seq: 0,
          kind: 'latency',
          block: 0,
          rows: 1,
          columns: { latency_ms: new Uint8Array(8) },
        },
      });
      for (const event of [
        preparing('run_a0000000'),
        observed('run_a0000000'),
        ended('run_a0000000'),
        preparing('run_b0000000', 2),
        observed('run_b0000000'),
        observed('run_b0000000'),
      ])
        yield { event };
    }
    expect(await openRuns(events())).toEqual([{ runId: 'run_b0000000', fence: 2, batches: 2 }]);
  });
});
