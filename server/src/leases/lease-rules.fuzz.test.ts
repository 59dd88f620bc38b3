import { LabError, mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { applyLease } from './lease-rules.js';
import { LeaseGame } from './testing/lease-game.js';
import { faultsOf } from './testing/lease-invariants.js';
import { pick, players, randomRule } from './testing/random-rule.js';

const histories = Number(process.env['HILLTOP_LEASE_HISTORIES'] ?? 3200);
const steps = 60;
/** Histories in which an invariant was once broken. */
const keptSeeds: readonly number[] = [];
const firstSeed = Number(process.env['HILLTOP_SEED'] ?? 1);

/** One random history; its faults, with the step, and what happened in it. */
function play(seed: number): { faults: string[]; seen: string[] } {
  const random = mulberry32(seed);
  const game = new LeaseGame(['a1', 'a2', 'b1'], 7200);
  const devices = game.devices.map(({ id }) => id);
  const seen: string[] = [];
  for (let i = 1; i <= steps; i++) {
    game.now += pick([0, 0, 1, 1, 5, 20, 40, 130, 700, 3000], random) * 1000;
    if (random() < 0.1) {
      const device = pick(game.devices, random);
      device.ready = !device.ready;
    }
    const key = `${pick(players, random).owner} ${pick(devices, random)}`;
    const job = pick(['gone', 'running', 'waiting', 'same', 'same', 'same', 'same'] as const, random);
    if (job === 'gone') game.work.delete(key);
    else if (job !== 'same') game.work.set(key, job);
    const rule = randomRule(game.state, game.history, devices, i, random);
    const before = game.state;
    const outcome = applyLease(before, rule, game.now, game.world);
    seen.push(outcome instanceof LabError ? outcome.code : rule.type);
    const faults = faultsOf(before, rule, outcome, game.now, game.world);
    if (faults.length > 0) return { faults: faults.map((fault) => `step ${i} ${rule.type}: ${fault}`), seen };
    if (outcome instanceof LabError) continue;
    game.state = outcome.state;
    game.history.push(...outcome.changed);
    for (const lease of outcome.changed) if (lease.ended) seen.push(lease.ended.reason);
  }
  return { faults: [], seen };
}

describe('random histories of leases', () => {
  it(`[LEASE-2] [LEASE-3] [LEASE-13] ${histories} of them: never two holders, no lost place, revision and fence only grow`, () => {
    const seen = new Map<string, number>();
    for (const seed of [...keptSeeds, ...Array.from({ length: histories }, (_, i) => firstSeed + i)]) {
      const result = play(seed);
      if (result.faults.length > 0) throw new Error(`seed ${seed}: ${result.faults.join('; ')}`);
      for (const what of result.seen) seen.set(what, (seen.get(what) ?? 0) + 1);
    }
    // The histories are worth something only where everything did happen.
    const expected = [
      ...[
        'take',
        'release',
        'extend',
        'handover',
        'ask',
        'answer',
        'force',
        'reserve',
        'tick',
        'disconnect',
        'restart',
      ],
      ...['released', 'withdrawn', 'expired', 'not-taken', 'forced', 'fulfilled'],
      ...['lease.changed', 'lease.not-yours', 'lease.held', 'lease.too-long', 'lease.asked', 'lease.forced'],
    ];
    expect(expected.filter((what) => (seen.get(what) ?? 0) < 10)).toEqual([]);
  }, 60_000);
});
