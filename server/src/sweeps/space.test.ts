import { type Device, RunSettings, SettingsChoice } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { countOf, type SpaceInput, type SpaceRecipe, settingsOf, spaceOf } from './space.js';
import { pointsOf } from './sweep-plan.js';

type SpaceDevice = SpaceInput['devices'][number];

const device = (name: string, kind: Device['kind'] = 'host', runtimes: readonly string[] = ['onnxruntime']) =>
  ({
    id: `dev_${name}`,
    name,
    kind,
    type: 'bench',
    emulated: false,
    facts: { runtimes: runtimes.map((each) => ({ name: each, version: '1', providers: ['cpu'] })) },
  }) as unknown as SpaceDevice;

const recipe = (name: string, more: Partial<SpaceRecipe> = {}): SpaceRecipe => ({
  name,
  refusals: new Map(),
  misfits: new Map(),
  ...more,
});

const input = (more: Partial<SpaceInput> = {}, settings: object = {}): SpaceInput => ({
  file: { settings: SettingsChoice.parse(settings), control: 'fp32' },
  models: [{ id: 'mod_1', name: 'net', objectives: [], ownBatch: 4 }],
  devices: [device('pi')],
  recipes: [recipe('fp32'), recipe('int8')],
  control: recipe('fp32'),
  ...more,
});

describe('space', () => {
  it('[SWEEP-15] settings are combined, each combination once', () => {
    const all = settingsOf(SettingsChoice.parse({ threads: [1, 2], graphLevels: ['all', 'basic'], batches: [1, 4] }));
    expect(all).toHaveLength(8);
    for (const each of all) expect(() => RunSettings.parse(each)).not.toThrow();
    expect(settingsOf(SettingsChoice.parse({ threads: [1, 1] }))).toEqual([{ threads: 1, graphLevel: 'all' }]);
  });

  it('[SWEEP-15] points are recipes x settings of each model on each device; a board has one setting', () => {
    const plan = spaceOf(input({ devices: [device('pi'), device('pico', 'microcontroller')] }, { threads: [1, 2] }));
    expect(plan.places.map((place) => [place.deviceName, pointsOf(plan, place).map(({ key }) => key)])).toEqual([
      [
        'pi',
        [
          'net fp32 threads=1,graph=all',
          'net fp32 threads=2,graph=all',
          'net int8 threads=1,graph=all',
          'net int8 threads=2,graph=all',
        ],
      ],
      ['pico', ['net fp32 threads=1,graph=all', 'net int8 threads=1,graph=all']],
    ]);
  });

  it('[SWEEP-15] a control that is none of the recipes is a point of its own', () => {
    const plan = spaceOf(input({ recipes: [recipe('int8')] }, { threads: [2, 1] }));
    expect(pointsOf(plan, plan.places[0]!).map(({ recipe: name, settings }) => [name, settings.threads])).toEqual([
      ['fp32', 2],
      ['int8', 2],
      ['int8', 1],
    ]);
  });

  it('[SWEEP-16] what cannot be tried is left out and counted by its reason', () => {
    const plan = spaceOf(
      input(
        {
          devices: [device('pi'), device('pico', 'microcontroller')],
          recipes: [
            recipe('fp32', {
              misfits: new Map([['mod_1 dev_pico', { code: 'plan.unsupported', message: 'no floats' }]]),
            }),
            recipe('int8'),
            recipe('int4', { refusals: new Map([['mod_1', { code: 'data.missing', message: 'no calibration' }]]) }),
          ],
          control: recipe('fp32', {
            misfits: new Map([['mod_1 dev_pico', { code: 'plan.unsupported', message: 'no floats' }]]),
          }),
        },
        { runtimes: ['onnxruntime', 'tflite'] },
      ),
    );
    expect(plan.leftOut.map(({ code, points }) => [code, points])).toEqual([
      ['runtime.missing', 3],
      ['data.missing', 2],
      ['plan.unsupported', 1],
    ]);
    expect(plan.places.map((place) => [place.control, pointsOf(plan, place).length])).toEqual([
      ['fp32', 2],
      [undefined, 1],
    ]);
    expect(countOf(plan)).toBe(3);
  });

  it('[SWEEP-16] a model of a fixed batch takes no other; one of 1 may have a free axis, which its runs tell', () => {
    const fixed = spaceOf(input({}, { batches: [1, 4, 8] }));
    expect(fixed.leftOut).toEqual([{ code: 'runtime.setting-unsupported', message: expect.any(String), points: 2 }]);
    const one = { id: 'mod_1', name: 'net', objectives: [], ownBatch: 1 };
    expect(countOf(spaceOf(input({ models: [one] }, { batches: [1, 8] })))).toBe(4);
  });

  it('[SWEEP-17] a space without points, or with too many, is refused', () => {
    expect(() => spaceOf(input({}, { runtimes: ['tflite'] }))).toThrow(
      expect.objectContaining({ code: 'sweep.empty' }),
    );
    const many = Array.from({ length: 2_001 }, (_, i) => recipe(`r${i}`));
    const threads = Array.from({ length: 10 }, (_, i) => i + 1);
    expect(() => spaceOf(input({ recipes: many }, { threads }))).toThrow(
      expect.objectContaining({ code: 'sweep.too-large' }),
    );
  });
});
