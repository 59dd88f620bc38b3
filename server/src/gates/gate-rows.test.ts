import { type JobCreate, LabError, mulberry32, normal } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GateRemeasurer } from './gate-remeasurer.js';
import { StoredNights } from './stored-nights.js';
import { GateBench, type NightRun } from './testing/gate-bench.js';

function night(seed: number, factor = 1): NightRun[] {
  const random = mulberry32(seed);
  return Array.from({ length: 12 }, () => {
    const one = (f: number): number => f * Math.exp(0.001 * normal(random));
    return [
      { recipe: 'fp32', reason: 'control' as const, latencies: [one(2)] },
      { recipe: 'int8-static', latencies: [one(factor)] },
    ];
  }).flat();
}

describe('rows of a gate', () => {
  let bench: GateBench;
  beforeEach(async () => {
    bench = await GateBench.start();
  });
  afterEach(() => bench.close());

  async function worse(): Promise<string> {
    await bench.baselines.pin(bench.actor, { name: 'v1', sweep: await bench.night(night(1)), replace: true });
    const wish = { sweep: await bench.night(night(2, 1.05)), baseline: 'v1', maxRegression: 0.01 };
    return (await bench.gates.check(bench.actor, { ...wish, metrics: ['latency_p50_ms'] })).id;
  }

  it('[NIGHT-3] who names the decision they saw is refused when another came first, and told which', async () => {
    const id = await worse();
    const taken = await bench.gates.decide(bench.actor, id, 1, { state: 'taken', seen: 0 });
    expect(taken.rows[0]!.decision).toMatchObject({ state: 'taken', n: 1, by: 'Ada' });
    // Somebody looks after it: it is as open as before.
    expect(taken).toMatchObject({ verdict: 'worse', counts: { worse: 1, accepted: 0 } });
    await expect(bench.gates.decide(bench.other, id, 1, { state: 'accepted', seen: 0 })).rejects.toMatchObject({
      code: 'gate.decided',
      details: { decision: { state: 'taken', by: 'Ada' } },
    });
    const accepted = await bench.gates.decide(bench.other, id, 1, { state: 'accepted', comment: 'fine', seen: 1 });
    expect(accepted.rows[0]!.decision).toMatchObject({ state: 'accepted', n: 2, by: 'Bob' });
    await expect(bench.gates.decide(bench.actor, id, 1, { state: 'taken', seen: 2 })).rejects.toMatchObject({
      code: 'gate.decided',
    });
    const again = await bench.gates.decide(bench.actor, id, 1, { state: 'reopened', comment: 'no', seen: 2 });
    expect(again.rows[0]!.decision).toMatchObject({ state: 'reopened', n: 3, comment: 'no' });
  });

  it('[NIGHT-3] noise is measured again by one job, with its control, however many ask', async () => {
    const id = await worse();
    const made: JobCreate[] = [];
    const jobs = {
      create: async (_actor: unknown, wish: JobCreate) => {
        made.push(wish);
        return { id: 'job_99999999' };
      },
    };
    const remeasurer = new GateRemeasurer(jobs as never, bench.gates, new StoredNights(bench.database));
    const ask = () => remeasurer.remeasure(bench.actor, id, 1, { seen: 0 });
    const both = await Promise.allSettled([ask(), ask()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(made).toMatchObject([{ recipes: ['fp32', 'int8-static'], protocol: 'strict' }]);
    expect((await bench.gates.show(id)).rows[0]!.decision).toMatchObject({ state: 'noise', jobId: 'job_99999999' });
  });

  it('[NIGHT-3] what cannot be measured again is open again, with the reason', async () => {
    const id = await worse();
    const jobs = { create: () => Promise.reject(new LabError('device.unknown', 'gone')) };
    const remeasurer = new GateRemeasurer(jobs as never, bench.gates, new StoredNights(bench.database));
    await expect(remeasurer.remeasure(bench.actor, id, 1, {})).rejects.toMatchObject({ code: 'device.unknown' });
    expect((await bench.gates.show(id)).rows[0]!.decision).toMatchObject({ state: 'reopened', n: 2 });
  });

  it('[NIGHT-4] what a gate says today is told apart: regressed, infrastructure, inconclusive', async () => {
    const id = await worse();
    const lanes = { regressed: 1, improved: 0, infrastructure: 0, inconclusive: 0, same: 0, accepted: 0 };
    expect((await bench.gates.standings([id, 'gate_00000000'])).get(id)).toMatchObject({ verdict: 'worse', lanes });
    // The other side of the comparison did not run: trouble of the lab, no regression.
    const only = night(3).filter(({ recipe }) => recipe === 'fp32');
    const wish = { sweep: await bench.night([...only, ...night(4).slice(0, 0)]), baseline: 'v1', maxRegression: 0.01 };
    await expect(bench.gates.check(bench.actor, wish)).rejects.toMatchObject({ code: 'gate.no-overlap' });
    const lost = await bench.night([...night(5), { recipe: 'prune-50', latencies: [1, 1, 1] }]);
    await bench.baselines.pin(bench.actor, { name: 'v2', sweep: lost, replace: true });
    const sweep = await bench.night(night(6));
    const { id: second } = await bench.gates.check(bench.actor, { sweep, baseline: 'v2', maxRegression: 0.01 });
    expect((await bench.gates.standings([second])).get(second)!.lanes).toMatchObject({
      regressed: 0,
      infrastructure: 1,
    });
  });
});
