import { differenceText, type Variant } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { plain } from './style.js';
import { variantsText } from './variants-text.js';

const variant = (change: Partial<Variant>): Variant => ({
  id: 'var_00000001',
  modelId: 'mod_00000001',
  recipe: 'fp32',
  recipeId: 'r',
  origin: 'recipe',
  state: 'ready',
  artifact: { sha256: 'a'.repeat(64), bytes: 1_000_000 },
  metrics: { size_bytes: { value: 1_000_000, n: 1, unit: 'bytes' } },
  steps: [],
  createdAt: '2026-03-01T11:00:00.000Z',
  ...change,
});
const cells = (text: string, row: number): string[] => text.trimEnd().split('\n')[row]!.trim().split(/ {2,}/);

describe('variantsText', () => {
  it('[VAR-4] shows quality under the name of its data, with its interval and its difference from the model', () => {
    const text = variantsText(
      [
        variant({
          screening: {
            set: 'validation',
            items: 1000,
            metrics: {
              accuracy: { value: 0.9, low: 0.88, high: 0.917, n: 1000, unit: '' },
              agreement: { value: 0.97, low: 0.957, high: 0.979, n: 1000, unit: '' },
              sqnr_db: { value: 21, n: 1000, unit: 'dB' },
            },
            comparison: {
              both: 890,
              onlyModel: 14,
              onlyVariant: 10,
              neither: 86,
              pValue: 0.5,
              difference: { value: -0.004, low: -0.0137, high: 0.0057 },
            },
            belowFloor: ['agreement'],
          },
        }),
      ],
      plain,
    );
    expect(cells(text, 0)).toEqual([
      'Recipe',
      'State',
      'Size',
      'of fp32',
      'Accuracy, validation',
      'against the model',
      'Agreement, validation',
      'SHA-256',
      'Remark',
      'Id',
    ]);
    expect(cells(text, 1)).toEqual([
      'fp32',
      'ready',
      '1.00 MB',
      '1.00 x',
      '90.0 % (88.0 – 91.7)',
      '-0.4 points (-1.4 – +0.6)',
      '97.0 % (95.7 – 97.9)',
      'aaaaaaaaaaaa',
      "below the recipe's floor: agreement",
      'var_00000001',
    ]);
  });

  it('[VAR-8] says what was made elsewhere, how, and what training cost', () => {
    const text = variantsText(
      [
        variant({
          recipe: 'distilled',
          origin: 'elsewhere',
          description: 'half as wide',
          metrics: {
            train_device_hours: { value: 3.5, n: 1, unit: 'h' },
            train_devices: { value: 2, n: 1, unit: '' },
            train_samples: { value: 60_000, n: 1, unit: '' },
          },
        }),
      ],
      plain,
    );
    expect(cells(text, 1)).toEqual([
      'distilled',
      'ready',
      '1.00 MB',
      '3.50 h, 2 devices, 60.0 k items',
      'elsewhere: half as wide',
      'aaaaaaaaaaaa',
      'var_00000001',
    ]);
  });

  it('[MCU-89] one inside a firmware has no size, though its artifact has bytes', () => {
    const firmware = {
      kind: 'firmware-model' as const,
      name: 'acme',
      profile: 'V1',
      model: 'ic01',
      input: { type: 'uint8' as const },
    };
    const inside = variant({ recipe: 'ic01', origin: 'firmware', firmware, metrics: {} });
    expect(cells(variantsText([variant({}), inside], plain), 2)).toEqual([
      'ic01',
      'ready',
      '–',
      '–',
      'in firmware',
      'aaaaaaaaaaaa',
      'var_00000001',
    ]);
  });

  it('[VAR-7] says how far a build is', () => {
    const progress = { done: 1, total: 4, step: 'quantize-static', fraction: 0.5 };
    const { artifact: _none, ...queued } = variant({ state: 'building', progress });
    expect(cells(variantsText([queued], plain), 1)).toContain('building 37 %');
  });

  it('[CLI-10] writes differences in points, with their sign', () => {
    expect(differenceText({ value: 0, low: -0.0001, high: 0.0123 })).toBe('0.0 points (0.0 – +1.2)');
  });
});
