import { protocolOf, type Verdict } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { In } from 'typeorm';
import { RunEntity } from './run.entity.js';
import { repeatsOf } from './run-repeats.js';
import { RunBench } from './testing/run-bench.js';

const verdicts = {
  clean: { verdict: 'clean', reasons: [], evidence: [] },
  disturbed: {
    verdict: 'disturbed',
    reasons: ['steal_ratio 0.02 over 0.01'],
    evidence: [{ signal: 'steal_ratio', value: 0.02, level: 'soft' }],
  },
  unseen: { verdict: 'disturbed', reasons: ['no scheduler statistics'], evidence: [] },
} as const satisfies Record<string, Verdict>;

describe('what repetition makes of a run', () => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model(['fp32']);
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
  });
  afterEach(() => bench.close());

  /** A chain of runs that repeat each other, by their verdicts, under a protocol that repeats so often. */
  const chain = async (repeats: number, ...told: Array<keyof typeof verdicts | undefined>) => {
    const [first] = await bench.runs();
    const protocol = { ...protocolOf('standard'), repeats };
    const ids = told.map((_, i) => `run_chain000${i}`);
    await bench.database.write(async (manager) => {
      for (const [i, verdict] of told.entries())
        await manager.insert(RunEntity, {
          ...first!,
          id: ids[i]!,
          position: 100 + i,
          state: 'queued',
          protocol,
          verdict: verdict ? verdicts[verdict] : null,
          repeatOf: i === 0 ? null : ids[i - 1]!,
        });
    });
    const { manager } = bench.database.reader;
    const rows = await manager.find(RunEntity, { where: { id: In(ids) }, order: { position: 'ASC' } });
    const repeatsById = await repeatsOf(manager, rows);
    // A page of one run knows as much as one with all of them.
    for (const row of rows) expect((await repeatsOf(manager, [row])).get(row.id)).toEqual(repeatsById.get(row.id));
    return rows.map(({ id }) => repeatsById.get(id));
  };

  it('[VERD-1] [VERD-2] each names the next; the last of three disturbed ones is unstable', async () => {
    expect(await chain(2, 'disturbed', 'disturbed', 'disturbed')).toEqual([
      { repeatedAs: 'run_chain0001' },
      { repeatedAs: 'run_chain0002' },
      { unstable: 3 },
    ]);
  });

  it('[VERD-2] not while a repetition waits', async () => {
    expect((await chain(2, 'disturbed', 'disturbed', undefined)).at(-1)).toEqual({});
  });

  it('[VERD-2] not when the last is clean', async () => {
    expect((await chain(2, 'disturbed', 'disturbed', 'clean')).at(-1)).toEqual({});
  });

  it('[VERD-2] not when evidence is missing and nothing else', async () => {
    expect((await chain(1, 'disturbed', 'unseen')).at(-1)).toEqual({});
  });

  it('[VERD-2] not where a repetition is left', async () => {
    expect((await chain(3, 'disturbed', 'disturbed')).at(-1)).toEqual({});
  });

  it('[VERD-2] a protocol without repetitions calls nothing unstable', async () => {
    expect(await chain(0, 'disturbed')).toEqual([{}]);
  });
});
