import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate, type Choice, type LayerChoices } from './allocate.js';

/** A layer of `size` weights whose parts carry energy that falls by `decay`; each rank costs `perRank`. */
function layerOf(size: number, perRank: number, decay: number): LayerChoices {
  const full = Math.floor(size / perRank);
  const choices = Array.from(
    { length: full },
    (_, i): Choice => ({
      form: 'outputs',
      rank: i + 1,
      full,
      saving: 1 - ((i + 1) * perRank) / size,
      size: (i + 1) * perRank,
      loss: decay ** (i + 1),
    }),
  );
  return { size, choices };
}

const layers = fc.array(
  fc.record({
    size: fc.integer({ min: 100, max: 5000 }),
    perRank: fc.integer({ min: 5, max: 50 }),
    decay: fc.double({ min: 0.3, max: 0.98, noNaN: true }),
  }),
  { minLength: 1, maxLength: 6 },
);
const made = (specs: readonly { size: number; perRank: number; decay: number }[]): LayerChoices[] =>
  specs.map((s) => layerOf(s.size, s.perRank, s.decay));
const sizeOf = (all: readonly LayerChoices[], chosen: readonly (Choice | undefined)[]): number =>
  chosen.reduce((sum, c, i) => sum + (c?.size ?? all[i]!.size), 0);
const lossOf = (chosen: readonly (Choice | undefined)[]): number => chosen.reduce((sum, c) => sum + (c?.loss ?? 0), 0);

describe('allocate', () => {
  it('keeps the energy asked for, on average over the layers', () => {
    fc.assert(
      fc.property(layers, fc.double({ min: 0.5, max: 0.999, noNaN: true }), (specs, energy) => {
        const chosen = allocate(made(specs), { by: 'energy', energy });
        expect(lossOf(chosen) / specs.length).toBeLessThanOrEqual(1 - energy);
      }),
    );
  });

  it('reaches the size asked for where ranks go down to one', () => {
    fc.assert(
      fc.property(layers, fc.double({ min: 0.5, max: 0.95, noNaN: true }), (specs, ratio) => {
        const all = made(specs);
        const total = all.reduce((sum, { size }) => sum + size, 0);
        expect(sizeOf(all, allocate(all, { by: 'ratio', ratio }))).toBeLessThanOrEqual(ratio * total);
      }),
    );
  });

  it('lets no other choice for one layer be smaller and lose less', () => {
    fc.assert(
      fc.property(layers, (specs) => {
        const all = made(specs);
        const chosen = allocate(all, { by: 'ratio', ratio: 0.6 });
        for (const [i, choice] of chosen.entries()) {
          if (!choice) continue;
          const better = all[i]!.choices.filter((c) => c.size < choice.size && c.loss < choice.loss);
          expect(better).toEqual([]);
        }
      }),
    );
  });

  it('takes from the layer that has little to lose', () => {
    const chosen = allocate([layerOf(1000, 10, 0.5), layerOf(1000, 10, 0.99)], { by: 'energy', energy: 0.95 });
    expect(chosen[0]!.rank).toBeLessThan(10);
    expect(chosen[1]).toBeUndefined();
  });

  it('gives every layer the rank asked for, where it has one', () => {
    const chosen = allocate([layerOf(1000, 10, 0.5), layerOf(100, 50, 0.5)], { by: 'rank', rank: 7 });
    expect(chosen.map((c) => c?.rank)).toEqual([7, undefined]);
  });
});
