import { passNames, recipeRisks } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { passes } from './passes/index.js';
import { resolveRecipe } from './recipe.js';
import { findRecipe, recipeFiles } from './recipes.js';

const file = (steps: unknown) => ({ name: 'mine', title: 'Mine', description: 'A recipe of a test.', steps });
const refusal = (code: string, path: string) => expect.objectContaining({ code, details: { path } });

describe('resolveRecipe', () => {
  it('fills in what is not given', () => {
    const recipe = resolveRecipe(file([{ pass: 'optimize' }, { pass: 'quantize-weights', parameters: { bits: 4 } }]));
    expect(recipe).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      name: 'mine',
      title: 'Mine',
      description: 'A recipe of a test.',
      needsCalibration: false,
      needsValidation: false,
      steps: [
        { pass: 'optimize', version: passes.optimize.version, parameters: {} },
        {
          pass: 'quantize-weights',
          version: passes['quantize-weights'].version,
          parameters: { bits: 4, 'block-size': 0, form: 'foldable', feedback: false },
        },
      ],
    });
  });

  it('has one id for one meaning', () => {
    const id = (steps: unknown): string => resolveRecipe(file(steps)).id;
    const given = [{ pass: 'quantize-weights', parameters: { 'block-size': 0, bits: 8 } }];
    expect(id([{ pass: 'quantize-weights' }])).toBe(id(given));
    expect(resolveRecipe({ ...file(given), name: 'other', title: 'Other' }).id).toBe(id(given));
    expect(id([{ pass: 'quantize-weights', parameters: { bits: 4 } }])).not.toBe(id(given));
  });

  it('names the path of an unknown pass, parameter or value', () => {
    const parameter = (parameters: unknown) => () =>
      resolveRecipe(file([{ pass: 'optimize' }, { pass: 'quantize-weights', parameters }]));
    expect(parameter({ bitz: 8 })).toThrow(refusal('recipe.parameter', 'steps[1].parameters.bitz'));
    for (const bits of [5, 8.5, '8', true, [8]])
      expect(parameter({ bits })).toThrow(refusal('recipe.parameter', 'steps[1].parameters.bits'));
    expect(parameter({ bits: { a: 1 } })).toThrow(refusal('recipe.parameter', 'steps[1].parameters.bits'));
    expect(parameter({ constructor: 1 })).toThrow(refusal('recipe.parameter', 'steps[1].parameters.constructor'));
    expect(() => resolveRecipe(file([{ pass: 'melt' }]))).toThrow(refusal('recipe.invalid', 'steps[0].pass'));
    expect(() => resolveRecipe(file([{ pass: 'optimize', level: 'all' }]))).toThrow(
      refusal('recipe.invalid', 'steps[0]'),
    );
    expect(() => resolveRecipe(file([{ pass: 'prune-channels', parameters: { ratio: 1.5 } }]))).toThrow(
      refusal('recipe.parameter', 'steps[0].parameters.ratio'),
    );
    expect(() => resolveRecipe('fp32')).toThrow(refusal('recipe.invalid', ''));
  });
});

describe('shipped recipes', () => {
  it('all resolve, each under its own name', () => {
    expect(recipeFiles.length).toBeGreaterThanOrEqual(20);
    // From safe to aggressive: the order people read them in.
    const risks = recipeFiles.map(({ risk }) => recipeRisks.indexOf(risk!));
    expect(risks).toEqual([...risks].sort((a, b) => a - b));
    expect(new Set(recipeFiles.map((r) => findRecipe(r.name).id)).size).toBe(recipeFiles.length);
    expect(findRecipe('fp32').steps).toEqual([]);
    expect(() => findRecipe('magic')).toThrow(expect.objectContaining({ code: 'recipe.unknown' }));
  });
});

describe('passes', () => {
  it('carry their own name and defaults that they accept', () => {
    expect(Object.entries(passes).map(([key, pass]) => [key, pass.name])).toEqual(
      passNames.map((name) => [name, name]),
    );
    for (const pass of Object.values(passes)) {
      const parameters = Object.fromEntries(
        Object.entries(pass.parameters).map(([name, spec]) => [name, spec.default]),
      );
      expect(resolveRecipe(file([{ pass: pass.name, parameters }])).steps[0]!.parameters).toEqual(parameters);
    }
  });
});
