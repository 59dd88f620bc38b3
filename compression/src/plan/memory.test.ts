import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type InPlacePair, type MemoryPlan, type PlannedTensor, planMemory } from './memory.js';

const tensorsOf = (rows: readonly { bytes: number; first: number; life: number }[]): PlannedTensor[] =>
  rows.map(({ bytes, first, life }, i) => ({ name: `t${i}`, bytes, first, last: first + life }));

const lists = (most: number) =>
  fc
    .array(
      fc.record({
        // Few sizes, zero among them, so that pairs of one size occur.
        bytes: fc.oneof(fc.constantFrom(0, 16, 100, 4096), fc.nat(100_000)),
        first: fc.nat(30),
        life: fc.oneof(fc.nat(3), fc.nat(30)),
      }),
      { maxLength: most },
    )
    .map(tensorsOf);

/** Pairs of which some cannot be kept. */
const pairsOf = (tensors: readonly PlannedTensor[]): fc.Arbitrary<InPlacePair[]> =>
  tensors.length === 0
    ? fc.constant([])
    : fc.array(
        fc
          .tuple(fc.nat(tensors.length - 1), fc.nat(tensors.length - 1))
          .map(([a, b]) => ({ input: tensors[a]!.name, output: tensors[b]!.name })),
        { maxLength: 200 },
      );

/** Whether two tensors may lie over each other: pairs in place that hand over in the step both are alive in. */
function mayShare(a: PlannedTensor, b: PlannedTensor, pairs: readonly InPlacePair[], plan: MemoryPlan): boolean {
  const given = pairs.some(({ input, output }) => input === a.name && output === b.name);
  return given && a.last === b.first && a.bytes === b.bytes && plan.offsets.get(a.name) === plan.offsets.get(b.name);
}

function expectSound(tensors: readonly PlannedTensor[], pairs: readonly InPlacePair[], plan: MemoryPlan): void {
  for (const [i, a] of tensors.entries()) {
    const at = plan.offsets.get(a.name)!;
    expect(at + a.bytes).toBeLessThanOrEqual(plan.arenaBytes);
    for (const b of tensors.slice(i + 1)) {
      const apart = a.last < b.first || b.last < a.first;
      const to = plan.offsets.get(b.name)!;
      const clear = a.bytes === 0 || b.bytes === 0 || at + a.bytes <= to || to + b.bytes <= at;
      if (!apart && !clear && !mayShare(a, b, pairs, plan) && !mayShare(b, a, pairs, plan))
        throw new Error(`${a.name} and ${b.name} overlap: ${JSON.stringify([a, b, at, to])}`);
    }
  }
}

/** The arena of the plain method: largest first, each at the lowest offset that is free. */
function greedyBySize(tensors: readonly PlannedTensor[]): number {
  const placed: (PlannedTensor & { at: number })[] = [];
  for (const tensor of tensors.toSorted((a, b) => b.bytes - a.bytes)) {
    const others = placed.filter((o) => o.first <= tensor.last && tensor.first <= o.last);
    const at = [0, ...others.map((o) => o.at + o.bytes)]
      .sort((a, b) => a - b)
      .find((offset) => others.every((o) => offset + tensor.bytes <= o.at || o.at + o.bytes <= offset))!;
    placed.push({ ...tensor, at });
  }
  return Math.max(0, ...placed.map((t) => t.at + t.bytes));
}

describe('planMemory', () => {
  it('never lets two tensors that are alive at once overlap, and keeps to the alignment', () => {
    fc.assert(
      fc.property(lists(40), fc.constantFrom(1, 4, 16, 64), (tensors, alignment) => {
        const plan = planMemory(tensors, { alignment });
        expectSound(tensors, [], plan);
        expect([...plan.offsets.keys()]).toEqual(tensors.map((t) => t.name));
        for (const offset of plan.offsets.values()) expect(offset % alignment).toBe(0);
      }),
    );
  });

  it('needs at least what is alive in the fullest step', () => {
    fc.assert(
      fc.property(lists(40), (tensors) => {
        const plan = planMemory(tensors, { alignment: 1 });
        const steps = Array.from({ length: 62 }, (_, step) =>
          tensors.reduce((sum, t) => sum + (t.first <= step && step <= t.last ? t.bytes : 0), 0),
        );
        expect(plan.lowerBound).toBe(Math.max(...steps));
        expect([...plan.liveBytes]).toEqual(steps.slice(0, plan.liveBytes.length));
        expect(plan.arenaBytes).toBeGreaterThanOrEqual(plan.lowerBound);
      }),
    );
  });

  it('writes in place where that is sound, and only there', () => {
    fc.assert(
      fc.property(
        lists(30).chain((tensors) => pairsOf(tensors).map((pairs) => ({ tensors, pairs }))),
        ({ tensors, pairs }) => {
          const plan = planMemory(tensors, { inPlace: pairs });
          expectSound(tensors, pairs, plan);
          expect(plan.arenaBytes).toBeGreaterThanOrEqual(plan.lowerBound);
          expect(plan.lowerBound).toBeLessThanOrEqual(planMemory(tensors).lowerBound);
        },
      ),
    );
  });

  it('counts a chain in place once', () => {
    const tensors = [
      { name: 'a', bytes: 64, first: 0, last: 1 },
      { name: 'b', bytes: 64, first: 1, last: 2 },
      { name: 'c', bytes: 64, first: 2, last: 3 },
      { name: 'smaller', bytes: 32, first: 3, last: 4 },
    ];
    const inPlace = [
      { input: 'a', output: 'b' },
      { input: 'b', output: 'c' },
      { input: 'c', output: 'smaller' },
    ];
    const plan = planMemory(tensors, { inPlace });
    expect([...plan.offsets.values()]).toEqual([0, 0, 0, 64]);
    expect(plan).toMatchObject({ arenaBytes: 96, lowerBound: 96 });
    expect(planMemory(tensors)).toMatchObject({ arenaBytes: 128, lowerBound: 128 });
  });

  it('gives the place of an input to one output only, and not while the input is still needed', () => {
    const tensors = [
      { name: 'a', bytes: 8, first: 0, last: 2 },
      { name: 'early', bytes: 8, first: 1, last: 3 },
      { name: 'one', bytes: 8, first: 2, last: 3 },
      { name: 'other', bytes: 8, first: 2, last: 3 },
    ];
    const inPlace = ['early', 'one', 'other'].map((output) => ({ input: 'a', output }));
    const { offsets, arenaBytes } = planMemory(tensors, { inPlace, alignment: 1 });
    expect(offsets.get('one')).toBe(offsets.get('a'));
    expect(arenaBytes).toBe(24);
  });

  it('is never worse than greedy by size alone, and better where that leaves gaps', () => {
    fc.assert(
      fc.property(lists(40), (tensors) => {
        expect(planMemory(tensors, { alignment: 1 }).arenaBytes).toBeLessThanOrEqual(greedyBySize(tensors));
      }),
    );
    const tensors = tensorsOf([
      { bytes: 6, first: 0, life: 1 },
      { bytes: 5, first: 1, life: 1 },
      { bytes: 5, first: 2, life: 1 },
      { bytes: 6, first: 3, life: 2 },
    ]);
    const plan = planMemory(tensors, { alignment: 1 });
    expect(plan.arenaBytes).toBe(plan.lowerBound);
    expect(greedyBySize(tensors)).toBeGreaterThan(plan.arenaBytes);
  });

  it('plans the same twice, and ten thousand tensors', () => {
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return ((state >>> 8) % below) + 1;
    };
    const tensors = Array.from({ length: 10_000 }, (_, i) => ({
      name: `t${i}`,
      bytes: 16 * random(1000),
      first: i,
      last: i + random(20),
    }));
    const plan = planMemory(tensors);
    expect(String([...planMemory(tensors).offsets])).toBe(String([...plan.offsets]));
    expect(plan.arenaBytes).toBeLessThan(1.1 * plan.lowerBound);
    const all = tensors.map((t) => ({ ...t, first: 0, last: 1 }));
    const sum = all.reduce((total, t) => total + t.bytes, 0);
    const { arenaBytes, lowerBound } = planMemory(all);
    expect([arenaBytes, lowerBound]).toEqual([sum, sum]);
  });

  it('plans nothing, and nothing but empty tensors', () => {
    expect(planMemory([])).toEqual({
      offsets: new Map(),
      arenaBytes: 0,
      lowerBound: 0,
      liveBytes: new Float64Array(0),
    });
    const plan = planMemory([{ name: 'e', bytes: 0, first: 0, last: 3 }]);
    expect(plan).toMatchObject({ offsets: new Map([['e', 0]]), arenaBytes: 0, lowerBound: 0 });
  });

  it.each([
    ['a size', { bytes: 1.5 }],
    ['a negative size', { bytes: -1 }],
    ['a life that ends before it begins', { last: -1 }],
    ['a step that is none', { first: Number.NaN }],
  ])('refuses %s that is none', (_what, wrong) => {
    expect(() => planMemory([{ name: 't', bytes: 1, first: 0, last: 1, ...wrong }])).toThrow(RangeError);
  });

  it('refuses a name given twice and an alignment of 0', () => {
    const tensor = { name: 't', bytes: 1, first: 0, last: 1 };
    expect(() => planMemory([tensor, tensor])).toThrow('given twice');
    expect(() => planMemory([tensor], { alignment: 0 })).toThrow(RangeError);
  });
});
