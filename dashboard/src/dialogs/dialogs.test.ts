import type { Recipe } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { joinCommand, joinOrigin } from './add-device/join-command.js';
import { emptyDraft, missingOf, runsOf, threadsOf } from './new-job/job-draft.js';
import { keysByBody } from './new-job/keys-by-body.js';
import { modelNameOf, sortFiles } from './new-job/sort-files.js';
import { toggled } from './new-job/toggled.js';

const file = (name: string): File => ({ name }) as File;
const recipe = (name: string, needsCalibration: boolean): Recipe => ({ name, needsCalibration }) as Recipe;

describe('new job', () => {
  it('gives files their uses by their names', () => {
    const { files, refused } = sortFiles(['net.onnx', 'x.npz', 'calib.npz', 'cifar-valid.npz', 'notes.txt'].map(file));
    expect([
      files.model?.name,
      files.evaluation?.name,
      files.calibration?.name,
      files.validation?.name,
      refused,
    ]).toEqual(['net.onnx', 'x.npz', 'calib.npz', 'cifar-valid.npz', ['notes.txt']]);
    expect(sortFiles([file('eval.npz')], files).files.evaluation?.name).toBe('eval.npz');
  });

  it('makes a name that the lab takes', () => {
    expect([modelNameOf('my net (1).onnx'), modelNameOf('__x.onnx'), modelNameOf('!.onnx')]).toEqual([
      'my net -1-',
      'x',
      'model',
    ]);
  });

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

  it('[DASH-12] the same body has the same key, another body another', () => {
    let n = 0;
    const keyFor = keysByBody(() => `k${++n}`);
    expect([keyFor({ a: 1 }), keyFor({ a: 2 }), keyFor({ a: 1 })]).toEqual(['k1', 'k2', 'k1']);
  });

  it('toggles without touching what was there', () => {
    const set = new Set(['a']);
    expect([[...toggled(set, 'b')], [...toggled(set, 'a')], [...set]]).toEqual([['a', 'b'], [], ['a']]);
  });
});

describe('add a device', () => {
  it('[DASH-13] the line carries an address that another machine can use, where the lab has one', () => {
    expect(joinOrigin('http://localhost:7070', ['http://127.0.0.1:7070', 'http://lab:7070'])).toBe('http://lab:7070');
    expect(joinOrigin('http://10.0.0.5:7070', ['http://lab:7070'])).toBe('http://10.0.0.5:7070');
    expect(joinOrigin('http://127.0.0.1:7070', ['http://127.0.0.1:7070'])).toBe('http://127.0.0.1:7070');
    expect(joinCommand('http://lab:7070/', '/agent.tgz', 'hlt_join_x')).toBe(
      'npm install -g http://lab:7070/agent.tgz && hilltop-agent http://lab:7070 --token hlt_join_x',
    );
  });
});
