import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { ageingMs, byRank, fairWindowMs, type QueueHead, rankHeads, type Served } from './queue-order.js';

const start = Date.parse('2026-01-01T00:00:00.000Z');
const minute = 60_000;
const iso = (ms: number): string => new Date(start + ms).toISOString();
const head = (position: number, more: Partial<QueueHead> = {}): QueueHead => ({
  deviceId: 'x',
  owner: 'ann',
  priority: 0,
  position,
  queuedAt: iso(0),
  canary: false,
  ...more,
});
const first = (heads: readonly QueueHead[], served: readonly Served[], ms: number): QueueHead =>
  rankHeads(heads, served, start + ms).sort(byRank)[0]!;

interface Item extends QueueHead {
  readonly takesMs: number;
}

/** One device that always takes the best head of each owner and priority; `arrive` gives what came up to then. */
function simulate(untilMs: number, arrive: (ms: number) => Item[]): Array<{ item: Item; fromMs: number }> {
  const waiting: Item[] = [];
  const served: Served[] = [];
  const log: Array<{ item: Item; fromMs: number }> = [];
  for (let ms = 0; ms < untilMs; ) {
    waiting.push(...arrive(ms));
    const heads = new Map<string, Item>();
    for (const item of waiting) {
      const key = `${item.owner} ${item.priority}`;
      if (!heads.has(key)) heads.set(key, item);
    }
    if (heads.size === 0) {
      ms += minute;
      continue;
    }
    const item = first([...heads.values()], served, ms) as Item;
    waiting.splice(
      waiting.findIndex(({ position }) => position === item.position),
      1,
    );
    log.push({ item, fromMs: ms });
    const [claimedAt, endedAt] = [iso(ms), iso(ms + item.takesMs)];
    served.push({ deviceId: 'x', owner: item.owner, priority: item.priority, claimedAt, endedAt });
    ms += item.takesMs;
    while (served.length > 0 && Date.parse(served[0]!.endedAt!) < start + ms - fairWindowMs) served.shift();
  }
  return log;
}

describe('rankHeads', () => {
  it('[QUEUE-1] the higher priority first, of equals the oldest, and a health check before all', () => {
    const heads = [head(1, { priority: -1 }), head(2), head(3, { priority: 4 }), head(4, { priority: 4 })];
    const order = (list: readonly QueueHead[]) =>
      rankHeads(list, [], start)
        .sort(byRank)
        .map(({ position }) => position);
    expect(order(heads)).toEqual([3, 4, 2, 1]);
    expect(order([...heads, head(5, { canary: true, owner: 'lab' })])[0]).toBe(5);
  });

  it('[QUEUE-2] of equal priority who used less of this device lately; what is long past counts no more', () => {
    const served = (claimed: number, ended: number, deviceId = 'x'): Served => ({
      ...{ deviceId, owner: 'ann', priority: 0 },
      claimedAt: iso(claimed),
      endedAt: iso(ended),
    });
    const heads = [head(1), head(2, { owner: 'bob' })];
    expect(first(heads, [], 0).owner).toBe('ann');
    expect(first(heads, [served(0, minute)], 2 * minute).owner).toBe('bob');
    expect(first(heads, [served(0, minute, 'y')], 2 * minute).owner).toBe('ann');
    expect(first(heads, [served(0, minute)], fairWindowMs + 2 * minute).owner).toBe('ann');
  });

  it('[QUEUE-3] being passed over lifts it a priority at a time, at most to the best beside it, until it is served', () => {
    const heads = [head(1, { priority: -2 }), head(2, { owner: 'bob', priority: 1, queuedAt: iso(3 * ageingMs) })];
    const levels = (ms: number, served: Served[] = []) =>
      rankHeads(heads, served, start + ms).map(({ level }) => level);
    expect(levels(0)).toEqual([-2, 1]);
    expect(levels(2 * ageingMs)).toEqual([0, 1]);
    expect(levels(30 * ageingMs)).toEqual([1, 1]);
    const at = iso(30 * ageingMs);
    expect(levels(30 * ageingMs, [{ deviceId: 'x', owner: 'ann', priority: -2, claimedAt: at, endedAt: at }])).toEqual([
      -2, 1,
    ]);
  });

  it('[QUEUE-2] a fuzz: owners with work all the time get device time that differs by two runs at most', () => {
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
    const random = mulberry32(seed);
    for (let round = 0; round < 15; round++) {
      const owners = ['ann', 'bob', 'cleo', 'dan'].slice(0, 2 + Math.floor(random() * 3));
      const longest = new Map(owners.map((owner) => [owner, minute * (1 + Math.floor(random() * 9))]));
      let position = 0;
      const all = owners.flatMap((owner) =>
        Array.from({ length: 400 }, () =>
          Object.assign(head(++position, { owner }), {
            takesMs: Math.ceil(longest.get(owner)! * (0.3 + 0.7 * random())),
          }),
        ),
      );
      const log = simulate(fairWindowMs, (ms) => (ms === 0 ? all : []));
      const used = new Map<string, number>();
      const most = 2 * Math.max(...longest.values());
      for (const { item } of log) {
        used.set(item.owner, (used.get(item.owner) ?? 0) + item.takesMs);
        if (used.size < owners.length) continue;
        const spread = Math.max(...used.values()) - Math.min(...used.values());
        if (spread > most) throw new Error(`SEED=${seed} round ${round}: ${spread} ms apart`);
      }
    }
  });

  it('[QUEUE-3] a fuzz: behind an endless stream of better work nothing waits for ever', () => {
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
    const random = mulberry32(seed);
    for (let round = 0; round < 15; round++) {
      let position = 0;
      const low = Array.from({ length: 3 }, (_, at) =>
        Object.assign(head(++position, { owner: random() < 0.5 ? 'eve' : 'ann', priority: -1 - at }), {
          takesMs: minute * (1 + Math.floor(random() * 5)),
        }),
      );
      const log = simulate(24 * 3600_000, (ms) => {
        const better = Array.from({ length: 1 + Math.floor(random() * 2) }, () =>
          Object.assign(
            head(++position, {
              owner: ['ann', 'bob', 'cleo'][Math.floor(random() * 3)]!,
              priority: Math.floor(random() * 3),
              queuedAt: iso(ms),
            }),
            { takesMs: minute * (1 + Math.floor(random() * 9)) },
          ),
        );
        return ms === 0 ? [...low, ...better] : better;
      });
      const missing = low.filter((item) => !log.some((one) => one.item.position === item.position));
      if (missing.length > 0) throw new Error(`SEED=${seed} round ${round}: ${JSON.stringify(missing)}`);
    }
  });
});
