import type { Recipe } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { emptyDraft, missingOf, runsOf, threadsOf } from './job-draft.js';

describe('draft of a job', () => {
  const file = (name: string): File => ({ name }) as File;
  const recipe = (name: string, needsCalibration: boolean): Recipe => ({ name, needsCalibration }) as Recipe;

  it('says what is still missing, in the order of the form', () => {
    const recipes = [recipe('fp32', false), recipe('int8-static', true)];
    expect(missingOf({ ...emptyDraft, recipes: new Set() }, recipes, false)).toEqual([
      'choose a model or drop an .onnx file',
      'choose at least one recipe',
    ]);
    const draft = {
      ...emptyDraft,
      files: { model: file('a.onnx') },
      modelName: 'a',
      recipes: new Set(['fp32', 'int8-static']),
    };
    expect(missingOf(draft, recipes, false)).toEqual(['drop a calibration set: int8-static needs one']);
    expect(missingOf(draft, recipes, true)).toEqual([]);
    expect(runsOf({ ...draft, threads: '1, 2' }, 3)).toBe(12);
  });

  it('reads threads', () => {
    expect([threadsOf('1, 2 2'), threadsOf(''), threadsOf('0'), threadsOf('1.5')]).toEqual([
      [1, 2],
      undefined,
      undefined,
      undefined,
    ]);
  });
});
