import { describe, expect, it } from '@jest/globals';
import { batched } from './batched.js';
import type { ChildTask } from './child-wire.js';

const image = { name: 'image', type: 'float32', dims: [1, 3] };
const task = (over: Partial<ChildTask>): ChildTask => ({
  kind: 'block',
  parentPid: 1,
  modelPath: 'model.onnx',
  threads: 1,
  graphLevel: 'all',
  inputs: [image],
  outputs: [{ name: 'logits', type: 'float32', dims: [1, 10] }],
  warmUp: { minMs: 0, minInferences: 1, maxMs: 0 },
  rule: { minMs: 0, minInferences: 1 },
  evaluationItems: 0,
  ...over,
});
const free = [{ name: 'image', shape: ['N', 3] }];
const refused = expect.objectContaining({ code: 'runtime.setting-unsupported', blame: 'user' });

describe('batched', () => {
  it('[RT-16] inputs that share the free first axis, and outputs of one item, get the batch', () => {
    const both = task({ batch: 8, inputs: [image, { ...image, name: 'mask' }, { ...image, name: 'weights' }] });
    const seen = [...free, { name: 'mask', shape: ['N', 3] }, { name: 'weights', shape: [1, 3] }];
    expect(batched(both, seen)).toEqual({
      ...both,
      inputs: [
        { ...image, dims: [8, 3] },
        { ...image, name: 'mask', dims: [8, 3] },
        { ...image, name: 'weights', dims: [1, 3] },
      ],
      outputs: [{ name: 'logits', type: 'float32', dims: [8, 10] }],
    });
  });

  it('[RT-14] without a batch, and with the one that the model has, the task is as it was', () => {
    const plain = task({});
    expect(batched(plain, free)).toBe(plain);
    const own = task({ inputs: [{ ...image, dims: [4, 3] }] });
    expect(batched({ ...own, batch: 4 }, [{ name: 'image', shape: [4, 3] }])).toEqual(own);
  });

  it('[RT-17] a fixed first axis, one that was pushed with another size, and none at all are refused', () => {
    expect(() => batched(task({ batch: 8 }), [{ name: 'image', shape: [1, 3] }])).toThrow(refused);
    expect(() => batched(task({ batch: 8, inputs: [{ ...image, dims: [4, 3] }] }), free)).toThrow(refused);
    expect(() => batched(task({ batch: 8, inputs: [{ ...image, dims: [] }] }), [{ name: 'image', shape: [] }])).toThrow(
      refused,
    );
  });
});
