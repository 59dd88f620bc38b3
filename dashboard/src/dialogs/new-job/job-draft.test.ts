import type { Device, Recipe } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { emptyDraft, missingOf, runsOf, runtimeChoices, settingsOf, threadsOf, withModel } from './job-draft.js';

describe('draft of a job', () => {
  const file = (name: string): File => ({ name }) as File;
  const recipe = (name: string, needsCalibration: boolean, needsValidation = false): Recipe =>
    ({ name, needsCalibration, needsValidation }) as Recipe;
  const none = { calibration: false, validation: false };

  it('says what is still missing, in the order of the form', () => {
    const recipes = [recipe('fp32', false), recipe('int8-static', true)];
    expect(missingOf({ ...emptyDraft, recipes: new Set() }, recipes, none)).toEqual([
      'choose a model or drop an .onnx file',
      'choose at least one recipe',
    ]);
    const draft = {
      ...emptyDraft,
      files: { model: file('a.onnx') },
      modelName: 'a',
      recipes: new Set(['fp32', 'int8-static']),
    };
    expect(missingOf(draft, recipes, none)).toEqual(['drop a calibration set: int8-static needs one']);
    expect(missingOf(draft, recipes, { ...none, calibration: true })).toEqual([]);
    expect(runsOf({ ...draft, threads: '1, 2' }, 3)).toBe(12);
  });

  it('names the set a chosen recipe needs, and what to do where files cannot be added any more', () => {
    const recipes = [recipe('fp32', false), recipe('mixed-precision', true, true)];
    const draft = { ...emptyDraft, modelId: 'mod_1', recipes: new Set(['fp32', 'mixed-precision']) };
    expect(missingOf(draft, recipes, { calibration: true, validation: false })).toEqual([
      'leave out mixed-precision: the model has no validation set',
    ]);
  });

  it('another model does not keep the names of variants that only the one before has', () => {
    const draft = { ...emptyDraft, modelId: 'mod_1', recipes: new Set(['fp32', 'distilled']) };
    const changed = withModel(draft, 'mod_2', [recipe('fp32', false)]);
    expect([changed.modelId, [...changed.recipes]]).toEqual(['mod_2', ['fp32']]);
  });

  it('offers the runtimes of the chosen hosts where one of them has several', () => {
    const device = (id: string, kind: string, ...names: string[]): Device =>
      ({ id, kind, facts: { runtimes: names.map((name) => ({ name: 'external', id: name })) } }) as unknown as Device;
    const devices = [
      device('pc', 'host', 'onnx', 'tflite'),
      device('pi', 'host', 'onnx'),
      device('pico', 'microcontroller', 'a', 'b'),
    ];
    const choices = (...ids: string[]) => runtimeChoices({ devices: new Set(ids) }, devices);
    expect([choices(), choices('pc'), choices('pi'), choices('pico')]).toEqual([
      ['onnx', 'tflite'],
      ['onnx', 'tflite'],
      [],
      [],
    ]);
  });

  it('asks for each of its threads with each of its runtimes', () => {
    const base = { graphLevel: 'all' };
    expect(settingsOf({ threads: '1', runtimes: new Set() })).toEqual([{ ...base, threads: 1 }]);
    expect(settingsOf({ threads: '1, 2', runtimes: new Set(['onnxruntime', 'tflite']) })).toEqual(
      ['onnxruntime', 'tflite'].flatMap((runtime) => [1, 2].map((threads) => ({ ...base, threads, runtime }))),
    );
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
