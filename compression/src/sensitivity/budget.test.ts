import type { Screening } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { classesOf } from '../screen/classes.js';
import { type ScreeningReference, screenOutputs } from '../screen.js';
import { randomPack } from '../testing/models.js';
import { judge, usableMeasure } from './budget.js';

/** Screening of ten items of two scores each; `labels` and both models' classes as digits. */
function screening(model: string, variant: string, labels?: string): Screening {
  const scores = (classes: string) => ({
    perItem: 2,
    data: Float32Array.from([...classes].flatMap((c) => (c === '0' ? [1, 0] : [0, 1]))),
  });
  const rule = { kind: 'largest' } as const;
  const pack = randomPack(model.length, [1]);
  const reference: ScreeningReference = {
    validation: labels ? { ...pack, labels: Int32Array.from(labels, Number), classes: 2 } : pack,
    outputs: scores(model),
    rule,
    predicted: classesOf(scores(model), rule),
  };
  return screenOutputs(reference, scores(variant));
}

describe('judge', () => {
  const labels = '0000011111';
  const model = '0000011110';
  it('counts what the variant gets wrong more often than the model', () => {
    const budget = { measure: 'accuracy', points: 10, leastDb: 0 } as const;
    expect(judge(screening(model, '0000111110', labels), budget)).toMatchObject({ holds: true });
    expect(judge(screening(model, '0001111110', labels), budget)).toMatchObject({ holds: false });
    // One better and one worse are no loss.
    expect(judge(screening(model, '0000111111', labels), { ...budget, points: 0 })).toMatchObject({ holds: true });
  });

  it('counts every disagreement, also a better answer', () => {
    const budget = { measure: 'agreement', points: 10, leastDb: 0 } as const;
    expect(judge(screening(model, labels), budget)).toMatchObject({ holds: true });
    expect(judge(screening(model, '0000111111'), budget)).toMatchObject({ holds: false });
  });

  it('takes equal outputs for no noise at all', () => {
    const budget = { measure: 'sqnr', points: 0, leastDb: 100 } as const;
    expect(judge(screening(model, model), budget)).toMatchObject({ holds: true });
    expect(judge(screening(model, labels), budget)).toMatchObject({ holds: false });
  });

  it('falls back to what the data allows', () => {
    expect(usableMeasure('accuracy', screening(model, labels, labels))).toBe('accuracy');
    expect(usableMeasure('accuracy', screening(model, labels))).toBe('agreement');
    expect(usableMeasure('sqnr', screening(model, labels, labels))).toBe('sqnr');
    expect(usableMeasure('agreement', { set: 'validation', items: 1, metrics: {} })).toBe('sqnr');
  });
});
