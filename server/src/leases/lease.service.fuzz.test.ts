import { LabError, mulberry32 } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Actor } from '../access/actor.js';
import type { LeaseCommandOf } from './lease.service.js';
import { leaseOfRow } from './lease-rows.js';
import type { Commander } from './lease-rules.js';
import type { LeaseState } from './lease-state.js';
import { LeaseBench } from './testing/lease-bench.js';
import { faultsOf } from './testing/lease-invariants.js';
import { pick, randomRule } from './testing/random-rule.js';

const firstSeed = Number(process.env['HILLTOP_SEED'] ?? 1);
const histories = 5;
const batches = 12;
const atOnce = 4;

const actorOf = ({ owner, name, person, admin }: Commander): Actor => ({
  tokenId: owner,
  ...(person && { userId: owner }),
  role: admin ? 'admin' : 'operator',
  name,
});

/** Commands that come at the same moment, restarts and passing time, over a real database. */
async function play(seed: number, start: LeaseBench, replaced: (bench: LeaseBench) => void): Promise<string[]> {
  const random = mulberry32(seed);
  let bench = start;
  const names = ['a1', 'a2', 'b1'];
  const stateNow = async (): Promise<LeaseState> => (await bench.store.load(bench.database.reader.manager)).state;
  for (let batch = 0; batch < batches; batch++) {
    if (random() < 0.1) {
      await bench.stop();
      bench = await LeaseBench.start(bench);
      replaced(bench);
      for (const name of names) await bench.setState(name, 'available');
    }
    await bench.pass(pick([0, 1, 20, 40, 130, 700], random));
    const before = await stateNow();
    const all = (await bench.rows()).map(leaseOfRow);
    const work = Array.from({ length: atOnce }, (_, i) => {
      const rule = randomRule(before, all, names, i, random);
      if (rule.type === 'reserve') return bench.leases.reserve(actorOf(rule.by), { ...rule });
      if (!('revision' in rule)) return bench.leases.sweep();
      const { id, by, ...command } = rule;
      return bench.leases.act(actorOf(by), id, command as LeaseCommandOf);
    });
    for (const answer of await Promise.allSettled(work))
      if (answer.status === 'rejected' && !(answer.reason instanceof LabError)) return [String(answer.reason)];
    await bench.pass(0);
    const { state, world } = await bench.store.load(bench.database.reader.manager);
    const known = new Map(before.leases.map((lease) => [lease.id, lease]));
    const seen = new Set(all.filter((lease) => lease.ended).map(({ id }) => id));
    const rows = (await bench.rows()).map(leaseOfRow).filter(({ id }) => !seen.has(id));
    const changed = rows.filter((lease) => known.get(lease.id)?.revision !== lease.revision);
    const fresh = new Map(changed.map((lease) => [lease.id, lease]));
    // What did not change is the same thing to the invariants, though it was read twice.
    const leases = state.leases.map(({ id }) => fresh.get(id) ?? known.get(id)!);
    const faults = faultsOf(before, { type: 'tick' }, { state: { ...state, leases }, changed }, bench.now, world);
    if (faults.length > 0) return faults.map((fault) => `batch ${batch}: ${fault}`);
  }
  return [];
}

describe('random histories over a database', () => {
  let bench: LeaseBench;
  beforeEach(async () => {
    bench = await LeaseBench.start();
    for (const name of ['a1', 'a2', 'b1']) await bench.add(name);
  });
  afterEach(() => bench.close());

  it(`[LEASE-2] [LEASE-3] [LEASE-13] ${histories} of them, ${atOnce} commands at once, with restarts`, async () => {
    for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
      const faults = await play(seed, bench, (next) => {
        bench = next;
      });
      if (faults.length > 0) throw new Error(`seed ${seed}: ${faults.join('; ')}`);
    }
    const ends = new Set((await bench.rows()).map(({ endReason }) => endReason));
    expect([...ends]).toEqual(expect.arrayContaining(['released', 'expired', 'not-taken']));
  }, 60_000);
});
