import type { PairedComparison, Screening } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import {
  buildShare,
  comparisonText,
  differenceText,
  remarkOf,
  screeningText,
  screeningTitle,
  trainingText,
} from './screening-text.js';

const comparison: PairedComparison = {
  both: 890,
  onlyModel: 14,
  onlyVariant: 10,
  neither: 86,
  pValue: 0.5413,
  difference: { value: -0.004, low: -0.0137, high: 0.0057 },
};
const screening: Screening = {
  set: 'validation',
  items: 1000,
  metrics: {
    accuracy: { value: 0.9, low: 0.88, high: 0.917, n: 1000, unit: '' },
    sqnr_db: { value: 21.34, n: 1000, unit: 'dB' },
  },
  comparison,
};

describe('screening in words', () => {
  it('[VAR-4] names its data, and shows intervals', () => {
    expect([screeningTitle('accuracy'), screeningText('accuracy', screening), differenceText(comparison)]).toEqual([
      'Accuracy, validation',
      '0.900 ± 0.020',
      '−0.4 [−1.4, +0.6]\u00a0points',
    ]);
    expect(comparisonText(comparison)).toContain('14 items, only the variant on 10 (McNemar p = 0.541)');
    expect([screeningText('agreement', screening), screeningText('accuracy', undefined)]).toEqual(['', '']);
  });

  it('[VAR-4] the distance to fp32 is shown where no class is named', () => {
    const agreement = { value: 1, n: 1000, unit: '' };
    const both = { ...screening, metrics: { ...screening.metrics, agreement } };
    expect([screeningText('sqnr_db', screening), screeningText('sqnr_db', both)]).toEqual(['21.3\u00a0dB', '']);
  });

  it('[VAR-4] says what broke, or why there are no figures', () => {
    const steps = [{ pass: 'screening', ms: 1, notes: ['not screened: too slow'] }];
    expect([
      remarkOf({ steps, screening: { ...screening, belowFloor: ['sqnr_db'] } }),
      remarkOf({ steps }),
      remarkOf({ steps: [] }),
    ]).toEqual(["Below the recipe's floor: signal to noise against fp32", 'not screened: too slow', undefined]);
  });

  it('[VAR-7] [VAR-8] shares of a build, and what training cost', () => {
    expect([
      buildShare({ progress: { done: 1, total: 4, fraction: 0.5 } }),
      buildShare({ progress: { done: 0, total: 0 } }),
      buildShare({}),
    ]).toEqual([0.375, undefined, undefined]);
    const metrics = {
      train_device_hours: { value: 3.5, n: 1, unit: 'h' },
      train_devices: { value: 2, n: 1, unit: '' },
    };
    expect([trainingText({ metrics }), trainingText({ metrics: {} })]).toEqual(['3.50\u00a0h, 2\u00a0devices', '']);
  });
});
