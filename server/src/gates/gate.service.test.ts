import { mulberry32, normal } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GateBench, type NightRun } from './testing/gate-bench.js';

/** Rounds of the control and of a variant, by turns: each a run of one process. */
function rounds(seed: number, { count = 12, factor = 1, environment = 1, recipe = 'int8-static' } = {}): NightRun[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const shared = environment * Math.exp(0.01 * normal(random));
    const one = (f: number): number => f * shared * Math.exp(0.001 * normal(random));
    return [
      { recipe: 'fp32', reason: 'control' as const, latencies: [one(2)] },
      { recipe, latencies: [one(factor)] },
    ];
  }).flat();
}
const items = (n: number, wrong: number): boolean[] => Array.from({ length: n }, (_, i) => i >= wrong);

describe('gates', () => {
  let bench: GateBench;
  beforeEach(async () => {
    bench = await GateBench.start();
  });
  afterEach(() => bench.close());

  const pinned = async (runs: readonly NightRun[]): Promise<void> => {
    await bench.baselines.pin(bench.actor, { name: 'v1', sweep: await bench.night(runs), replace: true });
  };
  const check = (sweep: string, more: object = {}) =>
    bench.gates.check(bench.actor, { sweep, baseline: 'v1', maxRegression: 0.01, ...more });
  const latency = async (runs: readonly NightRun[], more: object = {}) => {
    const gate = await check(await bench.night(runs), { metrics: ['latency_p50_ms'], ...more });
    return { gate, row: gate.rows.find(({ recipe }) => recipe !== 'fp32')! };
  };

  it('[GATE-10] a slowdown of 3 % is worse, an equal night the same, a faster one improved', async () => {
    await pinned(rounds(1));
    const slower = await latency(rounds(2, { factor: 1.03 }));
    expect(slower.row).toMatchObject({ verdict: 'worse', test: 'mann-whitney', runs: { now: 12, before: 12 } });
    expect(slower.row.change).toBeCloseTo(1.03, 2);
    expect(slower.row.low).toBeLessThan(slower.row.change);
    expect(slower.gate).toMatchObject({ verdict: 'worse', counts: { worse: 1, same: 0, missing: 0 } });
    expect((await latency(rounds(3))).gate).toMatchObject({ verdict: 'same', counts: { same: 1 } });
    expect((await latency(rounds(4, { factor: 0.9 }))).gate.verdict).toBe('improved');
  });

  it('[GATE-10] the same two nights give the same answer', async () => {
    await pinned(rounds(1));
    const sweep = await bench.night(rounds(2));
    const [first, second] = [await check(sweep), await check(sweep)];
    expect(second.rows).toEqual(first.rows);
    expect(second.id).not.toBe(first.id);
  });

  it('[GATE-11] what the control did too is the environment, said and no alarm', async () => {
    await pinned(rounds(1));
    const { gate, row } = await latency(rounds(2, { environment: 1.04 }));
    expect(row.verdict).toBe('same');
    expect(row.control!.ratio).toBeCloseTo(1.04, 2);
    expect(gate.environment).toMatchObject([{ recipe: 'fp32', deviceName: 'pi', severe: false }]);
    const other = await latency(rounds(3, { environment: 1.3, factor: 1.05 }));
    expect(other.row).toMatchObject({ verdict: 'inconclusive', doubt: 'environment' });
    expect(other.gate).toMatchObject({ verdict: 'inconclusive', environment: [{ severe: true }] });
  });

  it('[GATE-11] without a control that night nothing is said of latency', async () => {
    await pinned(rounds(1));
    const alone = rounds(2, { factor: 1.2 }).filter(({ recipe }) => recipe !== 'fp32');
    expect((await latency(alone)).row).toMatchObject({ verdict: 'inconclusive', doubt: 'no-control' });
  });

  it('[GATE-11] a board that only counts needs no control, and no more than one run', async () => {
    const board = (cycles: number): NightRun[] => [
      { recipe: 'int8-static', latencies: [cycles, cycles, cycles], betweenRuns: 0 },
    ];
    await pinned(board(1000));
    expect((await latency(board(1010))).row).toMatchObject({ verdict: 'same', test: 'exact' });
    const worse = await latency(board(1011));
    expect(worse.row).toMatchObject({ verdict: 'worse', test: 'exact' });
    expect([worse.row.p, worse.row.control]).toEqual([undefined, undefined]);
  });

  it('[GATE-12] one run a night is as uncertain as runs are: inconclusive at 1 %, with what would settle it', async () => {
    const one = (seed: number, factor: number): NightRun[] => {
      const random = mulberry32(seed);
      const five = (f: number) => Array.from({ length: 5 }, () => f * Math.exp(0.001 * normal(random)));
      return [
        { recipe: 'fp32', reason: 'control', latencies: five(2) },
        { recipe: 'int8-static', latencies: five(factor) },
        { recipe: 'fp32', reason: 'control', latencies: five(2) },
      ];
    };
    await pinned(one(1, 1));
    const { row } = await latency(one(2, 1.02));
    expect(row).toMatchObject({ verdict: 'inconclusive', doubt: 'noise', note: expect.any(String) });
    expect(row.resolves).toBeGreaterThan(0.02);
    expect((await latency(one(3, 1.0), { maxRegression: 0.12 })).row.verdict).toBe('same');
    expect((await latency(one(4, 1.5))).row).toMatchObject({ verdict: 'worse', test: 'student' });
  });

  it('[GATE-13] quality is compared item by item, size exactly', async () => {
    const night = (wrong: number, bytes: number): NightRun[] => [
      { recipe: 'int8-static', latencies: [1, 1, 1], right: items(1000, wrong), bytes },
    ];
    await pinned(night(50, 1000));
    const metrics = ['accuracy', 'size_bytes'];
    const same = await check(await bench.night(night(50, 1000)), { metrics });
    expect(same.rows).toMatchObject([
      { metric: 'accuracy', verdict: 'same', test: 'mcnemar', scale: 'difference', n: { now: 1000, before: 1000 } },
      { metric: 'size_bytes', verdict: 'same', test: 'exact', change: 1 },
    ]);
    const worse = await check(await bench.night(night(90, 1100)), { metrics });
    expect(worse.rows).toMatchObject([
      { metric: 'accuracy', verdict: 'worse', change: expect.closeTo(-0.04, 9), baseline: 0.95 },
      { metric: 'size_bytes', verdict: 'worse', change: 1.1 },
    ]);
  });

  it('[GATE-13] what disturbs a run changes its times, not its answers', async () => {
    const disturbed = (run: NightRun): NightRun => ({ ...run, verdict: 'disturbed' });
    const night: NightRun[] = [{ recipe: 'int8-static', latencies: [1, 1, 1], right: items(100, 10), artifact: 'a' }];
    await pinned(night);
    const gate = await check(await bench.night(night.map(disturbed)));
    expect(gate.rows).toMatchObject([{ metric: 'accuracy', verdict: 'same', test: 'exact' }]);
    expect(gate.missing).toMatchObject([{ metric: 'latency_p50_ms', in: 'sweep', reason: 'not-clean' }]);
    expect(gate.verdict).toBe('inconclusive');
    // Of another artifact the same answers on a hundred items are no proof.
    const other = await check(await bench.night([{ ...night[0]!, artifact: 'b' }]), { metrics: ['accuracy'] });
    expect(other.rows).toMatchObject([{ verdict: 'inconclusive', test: 'mcnemar', change: 0 }]);
  });

  it('[GATE-14] what one of many rows shows by chance is no discovery', async () => {
    const five = (seed: number, factor: number): number[] => {
      const random = mulberry32(seed);
      return Array.from({ length: 8 }, () => factor * Math.exp(0.004 * normal(random)));
    };
    const night = (seed: number, factor: (metric: number) => number): NightRun[] =>
      ['fp32', 'int8-static', 'prune-50'].flatMap((recipe, r) =>
        ['pi', 'nano'].map((device, d) => ({
          recipe,
          device,
          ...(recipe === 'fp32' && { reason: 'control' as const }),
          latencies: five(seed + 10 * r + d, recipe === 'fp32' ? 1 : factor(2 * r + d)),
        })),
      );
    await pinned(night(100, () => 1));
    const gate = await check(await bench.night(night(200, (i) => (i === 2 ? 1.3 : 1))), {
      metrics: ['latency_p50_ms'],
      maxRegression: 0.1,
    });
    expect(gate.rows).toHaveLength(4);
    for (const { p, q } of gate.rows) expect(q!).toBeGreaterThanOrEqual(p!);
    expect(gate.rows.map(({ recipe, deviceName, verdict }) => `${recipe} ${deviceName} ${verdict}`).sort()).toEqual([
      'int8-static nano same',
      'int8-static pi worse',
      'prune-50 nano same',
      'prune-50 pi same',
    ]);
  });

  it('[GATE-15] points that are missing are listed with the reason, and hold the gate open', async () => {
    await pinned([...rounds(1), ...rounds(5, { recipe: 'prune-50' })]);
    const disturbed = rounds(6, { recipe: 'prune-50' })
      .filter(({ recipe }) => recipe === 'prune-50')
      .map((run) => ({ ...run, verdict: 'disturbed' as const }));
    const { gate } = await latency([...rounds(2), ...disturbed]);
    expect(gate.missing).toMatchObject([{ recipe: 'prune-50', in: 'sweep', reason: 'not-clean' }]);
    expect(gate).toMatchObject({ verdict: 'inconclusive', counts: { same: 1, missing: 1 } });
    const more = await latency([...rounds(3), ...rounds(7, { recipe: 'prune-50' }), ...disturbed.slice(0, 0)]);
    expect(more.gate.missing).toEqual([]);
  });

  it('[GATE-15] nothing in common is refused: `gate.no-overlap`', async () => {
    await pinned(rounds(1));
    await expect(check(await bench.night(rounds(2).map((run) => ({ ...run, key: 'another' }))))).rejects.toMatchObject({
      code: 'gate.no-overlap',
    });
    await expect(check(await bench.night([]))).rejects.toMatchObject({
      code: 'gate.no-overlap',
      details: { runs: { now: 0, before: 24 } },
    });
    expect((await bench.gates.list({ limit: 10 })).items).toEqual([]);
  });

  it('[GATE-16] of two who accept a row the first wins; reopening needs a reason', async () => {
    await pinned(rounds(1));
    const { gate } = await latency(rounds(2, { factor: 1.05 }));
    const accept = (actor = bench.actor, comment = 'the new kernel') =>
      bench.gates.decide(actor, gate.id, 1, { state: 'accepted', comment });
    const both = await Promise.allSettled([accept(), accept(bench.other, 'mine')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'gate.decided', details: { decision: { by: 'Ada' } } } });
    const accepted = await bench.gates.show(gate.id);
    expect(accepted.rows[0]!.decision).toMatchObject({ state: 'accepted', comment: 'the new kernel', by: 'Ada' });
    expect(accepted).toMatchObject({ verdict: 'same', counts: { worse: 0, accepted: 1 } });
    await expect(bench.gates.decide(bench.other, gate.id, 1, { state: 'reopened' })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    const again = await bench.gates.decide(bench.other, gate.id, 1, { state: 'reopened', comment: 'no' });
    expect(again).toMatchObject({ verdict: 'worse', counts: { worse: 1, accepted: 0 } });
    await expect(accept()).resolves.toMatchObject({ verdict: 'same' });
    await expect(bench.gates.decide(bench.actor, gate.id, 9, { state: 'accepted' })).rejects.toMatchObject({
      code: 'gate.row-unknown',
    });
  });

  it('[GATE-17] a name is pinned once, moved on request, and only to a sweep that has ended', async () => {
    const sweep = await bench.night(rounds(1));
    const wish = { name: 'v1', sweep, replace: false };
    expect(await bench.baselines.pin(bench.actor, wish)).toMatchObject({
      name: 'v1',
      sweepId: sweep,
      createdBy: 'Ada',
    });
    await expect(bench.baselines.pin(bench.actor, wish)).rejects.toMatchObject({ code: 'baseline.name-taken' });
    const newer = await bench.night(rounds(2));
    // By name: the newest that has ended.
    const running = await bench.night(rounds(3), { state: 'running' });
    await bench.baselines.pin(bench.actor, { name: 'v1', sweep: 'nightly', replace: true });
    expect(await bench.baselines.list()).toMatchObject([{ name: 'v1', sweepId: newer }]);
    await expect(bench.baselines.pin(bench.actor, { ...wish, name: 'v2', sweep: running })).rejects.toMatchObject({
      code: 'sweep.not-ended',
    });
    await expect(check(running)).rejects.toMatchObject({ code: 'sweep.not-ended' });
    await expect(check('nowhere')).rejects.toMatchObject({ code: 'sweep.unknown' });
    await bench.baselines.rm('v1');
    await expect(check(sweep)).rejects.toMatchObject({ code: 'baseline.unknown' });
  });

  it('[GATE-17] a list is without rows, newest first, and what changed is told live', async () => {
    await pinned(rounds(1));
    const told: string[] = [];
    bench.gates.judged.listen(({ gateId }) => told.push(gateId));
    const sweep = await bench.night(rounds(2));
    const gates = [await check(sweep), await check(sweep), await check(await bench.night(rounds(3)))];
    const { items, next } = await bench.gates.list({ limit: 1, sweep });
    expect(items).toEqual([expect.not.objectContaining({ rows: expect.anything() })]);
    expect(items[0]!.id).toBe(gates[1]!.id);
    expect((await bench.gates.list({ limit: 1, sweep, cursor: next! })).items[0]!.id).toBe(gates[0]!.id);
    const { entities } = await bench.live.snapshot(`sweep/${sweep}`);
    expect(entities.filter(({ kind }) => kind === 'gate').map(({ id }) => id)).toEqual([gates[1]!.id, gates[0]!.id]);
    expect(told).toEqual(gates.map(({ id }) => id));
    await expect(bench.gates.show('gate_00000000')).rejects.toMatchObject({ code: 'gate.unknown' });
  });

  it('[GATE-18] over the nights of one name: where it changed, relative to the control', async () => {
    for (let i = 0; i < 16; i++) {
      const night = rounds(50 + i, { count: 4, factor: i < 9 ? 1 : 1.05, environment: i === 4 ? 1.4 : 1 });
      await bench.night(night, { scheduleId: 'sch_00000001' });
    }
    await bench.night(rounds(99), { name: 'another' });
    const query = { sweep: 'nightly', metrics: 'latency_p50_ms', nights: 90 };
    const { items } = await bench.trends.of(query);
    const variant = items.find(({ recipe }) => recipe === 'int8-static')!;
    expect(variant.nights).toHaveLength(16);
    expect(variant.changes).toMatchObject([{ night: 9, verdict: 'worse', change: expect.closeTo(1.05, 2) }]);
    expect((await bench.trends.of({ schedule: 'sch_00000001', nights: 5 })).items[0]!.nights).toHaveLength(5);
    await expect(bench.trends.of({ nights: 5 })).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(bench.trends.of({ ...query, metrics: 'speed' })).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(bench.trends.of({ sweep: 'nowhere', nights: 5 })).rejects.toMatchObject({ code: 'sweep.unknown' });
  });
});
