import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { smallestSet } from './smallest-set.js';

const layers = (n: number): string[] => Array.from({ length: n }, (_, i) => `l${i}`);

/** Asks for the smallest set and notes every question. */
async function search(n: number, most: number, holds: (kept: ReadonlySet<string>) => boolean) {
  const asked: string[] = [];
  const kept = await smallestSet(layers(n), most, (names) => {
    asked.push(names.join());
    return Promise.resolve(holds(new Set(names)));
  });
  return { kept, asked };
}

describe('smallestSet', () => {
  it('finds exactly the layers that matter, wherever they stand in the list', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(39), { minLength: 1, maxLength: 5 }),
        async (n, places) => {
          const wanted = new Set(places.map((p) => `l${p % n}`));
          const { kept, asked } = await search(n, n, (names) => [...wanted].every((name) => names.has(name)));
          expect(new Set(kept)).toEqual(wanted);
          expect(new Set(asked).size).toBe(asked.length);
          expect(asked.length).toBeLessThanOrEqual(2 * n + Math.log2(n));
        },
      ),
    );
  });

  it('finds the one length that holds', async () => {
    for (let only = 1; only <= 9; only++) {
      const { kept } = await search(12, 9, (names) => names.size === only);
      expect(kept).toEqual(layers(only));
    }
  });

  it('answers only with what held and never keeps more than it may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(20), fc.nat(), async (n, most, seed) => {
        // As unlike a monotone rule as can be.
        const holds = (names: ReadonlySet<string>) =>
          [...names].reduce((h, name) => Math.imul(h ^ (name.length * 31) ^ Number(name.slice(1)), 0x9e3779b1), seed) %
            3 ===
          0;
        const { kept, asked } = await search(n, most, holds);
        expect(asked.every((question) => question.split(',').length <= most)).toBe(true);
        if (kept) expect(holds(new Set(kept))).toBe(true);
        else expect(asked.some((question) => holds(new Set(question.split(','))))).toBe(false);
      }),
    );
  });

  it('says so where nothing helps or nothing may be kept', async () => {
    expect((await search(8, 4, () => false)).kept).toBeUndefined();
    expect(await search(8, 0, () => true)).toEqual({ kept: undefined, asked: [] });
  });
});
