import { describe, expect, it } from '@jest/globals';
import { modelNameOf, sortFiles } from './sort-files.js';

describe('files of a job', () => {
  const file = (name: string): File => ({ name }) as File;

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
});
