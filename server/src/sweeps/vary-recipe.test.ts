import { resolveRecipe } from '@hilltop/compression';
import { RecipeName } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { varyRecipe } from './vary-recipe.js';

const base = resolveRecipe({
  name: 'prune-50',
  title: 'Half of the weights zero',
  description: '',
  steps: [{ pass: 'optimize' }, { pass: 'prune-magnitude', parameters: { sparsity: 0.5 } }],
});

describe('varyRecipe', () => {
  it('[SWEEP-18] makes a recipe of every combination, with a name that says which', () => {
    const varied = varyRecipe(base, { 'prune-magnitude.sparsity': [0.25, 0.75] });
    expect(varied.map(({ file }) => file.name)).toEqual(['prune-50-sparsity-0.25', 'prune-50-sparsity-0.75']);
    expect(varied.map(({ recipe }) => recipe.steps[1]!.parameters['sparsity'])).toEqual([0.25, 0.75]);
    expect(varyRecipe(base, { 'prune-magnitude.sparsity': [0.25, 0.75] })).toEqual(varied);
  });

  it('[SWEEP-18] a long name ends with a hash, is different for different recipes and always a name', () => {
    const long = { ...base, name: `prune-${'x'.repeat(50)}` };
    const names = varyRecipe(long, { 'prune-magnitude.sparsity': [0.251, 0.252, 0.253] }).map(({ file }) => file.name);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(() => RecipeName.parse(name)).not.toThrow();
  });

  it('[SWEEP-18] what the recipe has not, and what a pass does not take, is refused', () => {
    const thrown = (code: string) => expect.objectContaining({ code });
    expect(() => varyRecipe(base, { 'fp16.bits': [1] })).toThrow(thrown('sweep.invalid'));
    expect(() => varyRecipe(base, { 'prune-magnitude.colour': [1] })).toThrow(thrown('recipe.parameter'));
    expect(() => varyRecipe(base, { 'prune-magnitude.sparsity': ['much'] })).toThrow(thrown('recipe.parameter'));
    const fifty = Array.from({ length: 50 }, (_, i) => i / 100);
    expect(() =>
      varyRecipe(base, { 'prune-magnitude.sparsity': fifty, 'prune-magnitude.a': fifty, 'prune-magnitude.b': fifty }),
    ).toThrow(thrown('sweep.too-large'));
  });
});
