import { type AttributeValue, type Tensor } from '../node.js';
import { DataType, float32Tensor, int64Tensor, uint8Tensor } from '../tensor.js';
import { randomWeight } from './models.js';
import { boolTensor, type OpsetCase } from './opset-models.js';

const toTheEnd = 2n ** 63n - 1n;
const t = (name: string, dims: readonly number[], seed = 3): Tensor => randomWeight(name, dims, seed);
const i64 = (name: string, dims: readonly number[], values: readonly number[]): Tensor =>
  int64Tensor(name, dims, values.map(BigInt));
const f32 = (name: string, values: readonly number[]): Tensor =>
  float32Tensor(name, [values.length], Float32Array.from(values));

/** Nodes that read `x`, float32 [1,2,3,4], and give `y`: every operator whose form changed between sets 7 and 13, and its neighbours. */
export function opsetCases(): OpsetCase[] {
  const cases: OpsetCase[] = [];
  const add = (
    title: string,
    from: number,
    write: OpsetCase['write'],
    more: { to?: number; outputs?: string[] } = {},
  ) =>
    cases.push({ title, opType: title.split(' ')[0]!, from, to: more.to ?? 12, write, outputs: more.outputs ?? ['y'] });
  const plain = (title: string, from: number, ...attributes: Readonly<Record<string, AttributeValue>>[]) =>
    add(title, from, (w) => w.with(Object.assign({}, ...attributes)));

  add('Slice to INT64_MAX', 7, (w) =>
    w.ints(10, 'starts', [1n, -3n]).ints(10, 'ends', [toTheEnd, toTheEnd]).ints(10, 'axes', [2n, 3n]),
  );
  add('Slice without axes', 7, (w) => w.ints(10, 'starts', [0n, 1n, 0n]).ints(10, 'ends', [1n, 2n, -1n]));
  add('Slice backwards', 10, (w) =>
    w.ints(10, 'starts', [-1n]).ints(10, 'ends', [-toTheEnd]).ints(10, 'axes', [3n]).ints(10, 'steps', [-2n]),
  );
  for (const [low, high] of [
    [-0.25, 0.5],
    [-0.25, undefined],
    [undefined, 0.1],
    [undefined, undefined],
  ] as const)
    add(`Clip ${low} ${high}`, 7, (w) => w.float(11, 'min', low).float(11, 'max', high));
  const pads = [0n, 0n, 1n, 2n, 0n, 0n, 1n, 0n];
  add('Pad with a value', 7, (w) => w.ints(11, 'pads', pads).float(11, 'value', 0.5));
  add('Pad', 7, (w) => w.ints(11, 'pads', pads).with({ mode: 'constant' }));
  for (const mode of ['reflect', 'edge']) add(`Pad ${mode}`, 7, (w) => w.ints(11, 'pads', pads).with({ mode }));
  add('Pad that crops', 7, (w) => w.ints(11, 'pads', [0n, 0n, -1n, 1n, 0n, 0n, 0n, -2n]));
  add('Squeeze', 7, (w) => w.ints(13, 'axes', [0n]));
  add('Squeeze all', 7, (w) => w.ints(13, 'axes', undefined));
  add('Squeeze from the end', 11, (w) => w.ints(13, 'axes', [-4n]));
  add('Unsqueeze', 7, (w) => w.ints(13, 'axes', [0n, 5n]));
  add('Unsqueeze from the end', 11, (w) => w.ints(13, 'axes', [-1n, 1n]));
  for (const op of ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'SumSquare', 'LogSumExp']) {
    const name = `Reduce${op}`;
    add(`${name} of two axes`, 7, (w) => w.ints(99, 'axes', [1n, 3n]));
    add(`${name} of all`, 7, (w) => w.with({ keepdims: 0 }));
    add(`${name} from the end`, 11, (w) => w.ints(99, 'axes', [-1n]).with({ keepdims: 0 }));
  }
  add('Split in parts', 7, (w) => w.ints(13, 'split', [1n, 3n]).with({ axis: 3 }), { outputs: ['z', 'y'] });
  add('Split evenly', 7, (w) => w.with({ axis: 3 }), { outputs: ['y', 'z'] });
  add('Split along the first axis', 7, (w) => w, { outputs: ['y'] });
  add('Split from the end', 11, (w) => w.ints(13, 'split', [3n, 1n]).with({ axis: -1 }), { outputs: ['y', 'z'] });
  for (const op of ['Softmax', 'LogSoftmax', 'Hardmax']) {
    plain(op, 7);
    for (const axis of [0, 1, 2, 3]) plain(`${op} ${axis}`, 7, { axis });
    for (const axis of [-1, -2, -3, -4]) plain(`${op} ${axis}`, 11, { axis });
  }
  plain('Dropout', 7);
  add('Dropout with a ratio', 7, (w) => w.float(12, 'ratio', 0.3), { to: 11 });
  add('Dropout whose mask nobody reads', 7, (w) => w, { outputs: ['y', 'mask'] });
  add('Dropout with inputs', 12, (w) => w.float(12, 'ratio', 0.3).constants(boolTensor('training', 0)));
  add('BatchNormalization', 7, (w) =>
    w
      .constants(f32('s', [0.5, 2]), f32('b', [1, -1]), f32('m', [0.1, 0.2]), f32('v', [1, 3]))
      .with({ epsilon: { float: 1e-3 }, momentum: { float: 0.8 } }),
  );
  add(
    'BatchNormalization spatial',
    7,
    (w) =>
      w.constants(f32('s', [0.5, 2]), f32('b', [1, -1]), f32('m', [0.1, 0.2]), f32('v', [1, 3])).with({ spatial: 1 }),
    { to: 8 },
  );
  for (const mode of ['nearest', 'linear']) {
    for (const scales of [
      [1, 1, 2, 2],
      [1, 1, 2, 1.5],
      [1, 1, 2.7, 3.3],
    ]) {
      add(`Upsample ${mode} ${scales}`, 7, (w) => w.with({ mode, scales }), { to: 8 });
      add(`Upsample ${mode} by ${scales}`, 9, (w) => w.constants(f32('scales', scales)).with({ mode }), { to: 9 });
    }
    for (const scales of [
      [1, 1, 2, 1.5],
      [1, 1, 0.7, 0.5],
      [1, 1, 0.7, 2.3],
      [1, 1, 1, 0.75],
    ]) {
      add(`Resize ${mode} by ${scales}`, 10, (w) => w.constants(f32('scales', scales)).with({ mode }), { to: 10 });
      for (const coordinate_transformation_mode of ['half_pixel', 'align_corners'])
        add(`Resize ${mode} ${coordinate_transformation_mode} by ${scales}`, 11, (w) =>
          w.constants(f32('roi', []), f32('scales', scales)).with({ mode, coordinate_transformation_mode }),
        );
    }
  }
  add('Resize cubic by sizes', 11, (w) =>
    w.constants(f32('roi', []), f32('scales', []), i64('sizes', [4], [1, 2, 6, 7])).with({ mode: 'cubic' }),
  );
  for (const axis of [1, 3]) {
    add(`TopK ${axis}`, 7, (w) => (w.opset < 10 ? w.with({ k: 2 }) : w.constants(i64('k', [1], [2]))).with({ axis }), {
      outputs: ['y', 'i'],
    });
    add(
      `TopK indices ${axis}`,
      7,
      (w) => (w.opset < 10 ? w.with({ k: 2 }) : w.constants(i64('k', [1], [2]))).with({ axis }),
      { outputs: ['v', 'y'] },
    );
  }
  add('TopK of the smallest', 11, (w) => w.constants(i64('k', [1], [3])).with({ axis: -1, largest: 0 }), {
    outputs: ['y', 'i'],
  });
  for (const op of ['ArgMax', 'ArgMin']) {
    plain(op, 7);
    plain(`${op} 2`, 7, { axis: 2, keepdims: 0 });
    plain(`${op} from the end`, 11, { axis: -1 });
  }
  for (const op of ['Add', 'Mul'])
    for (const dims of [[4], [3, 1], [2, 1, 1], [1, 2, 3, 4], [5, 1, 1, 1]])
      add(`${op} by ${dims}`, 7, (w) => w.constants(t('k', dims)));
  add('Pow', 7, (w) => w.constants(f32('k', [2])));
  for (const op of ['Max', 'Min', 'Sum', 'Mean']) {
    add(`${op} of equal shapes`, 7, (w) => w.constants(t('k', [1, 2, 3, 4])));
    add(`${op} of unequal shapes`, 8, (w) => w.constants(t('k', [3, 1]), t('l', [4], 9)));
  }
  for (const op of ['Equal', 'Less', 'Greater'])
    add(`${op} than`, op === 'Equal' ? 11 : 9, (w) => w.constants(t('k', [3, 1])));
  for (const dims of [[2, 1, 1], [4]]) add(`PRelu ${dims}`, 7, (w) => w.constants(t('k', dims)));
  for (const axis of [0, 1, 2, 4]) plain(`Flatten ${axis}`, 7, { axis });
  plain('Flatten from the end', 11, { axis: -2 });
  for (const shape of [[0, -1], [0, 0, 12], [-1], [2, 0, -1, 1]])
    add(`Reshape ${shape}`, 7, (w) => w.constants(i64('k', [shape.length], shape)));
  for (const shape of [
    [3, 1, 3, 4],
    [2, 1, 1],
    [2, 1, 2, 3, 4],
  ])
    add(`Expand ${shape}`, 8, (w) => w.constants(i64('k', [shape.length], shape)));
  add('Tile', 7, (w) => w.constants(i64('k', [4], [1, 2, 1, 3])));
  add('Cast', 7, (w) => w.with({ to: DataType.INT32 }));
  add('Gather', 7, (w) => w.constants(i64('k', [2, 1], [2, 0])).with({ axis: 2 }));
  add('Gather from the end', 11, (w) => w.constants(i64('k', [2], [-1, 0])).with({ axis: 3 }));
  add('GatherElements', 11, (w) => w.constants(i64('k', [1, 2, 3, 1], [0, 1, 2, 3, -1, 0])).with({ axis: 3 }));
  add('GatherND', 11, (w) => w.constants(i64('k', [2, 2], [0, 1, 0, 0])));
  add('GatherND by batch', 12, (w) => w.constants(i64('k', [1, 1], [1])).with({ batch_dims: 1 }));
  add('Scatter', 9, (w) => w.constants(i64('k', [1, 1, 1, 2], [3, 1]), t('u', [1, 1, 1, 2])).with({ axis: 3 }), {
    to: 10,
  });
  add('ScatterElements', 11, (w) =>
    w.constants(i64('k', [1, 1, 1, 2], [3, -2]), t('u', [1, 1, 1, 2])).with({ axis: 3 }),
  );
  add('ScatterND', 11, (w) => w.constants(i64('k', [1, 2], [0, 1]), t('u', [1, 3, 4])));
  add('Where', 9, (w) => {
    w.inputs.unshift('on');
    w.initializers.push(boolTensor('on', 0));
    return w.constants(t('k', [3, 1]));
  });
  add('Concat', 7, (w) => w.constants(t('k', [1, 5, 3, 4])).with({ axis: 1 }));
  add('Concat from the end', 11, (w) => w.constants(t('k', [1, 2, 3, 1])).with({ axis: -1 }));
  plain('Transpose', 7, { perm: [0n, 2n, 3n, 1n] });
  plain('DepthToSpace', 7, { blocksize: 1 });
  plain('SpaceToDepth', 7, { blocksize: 1 });
  const kernel = { kernel_shape: [2n, 2n] };
  for (const op of ['MaxPool', 'AveragePool', 'LpPool']) {
    plain(`${op} valid`, 7, kernel, { strides: [2n, 1n] });
    plain(`${op} padded`, 7, kernel, { pads: [1n, 0n, 0n, 1n] });
    for (const auto_pad of ['SAME_UPPER', 'SAME_LOWER', 'VALID'])
      plain(`${op} ${auto_pad}`, 7, kernel, { auto_pad, strides: [2n, 2n] });
  }
  for (const op of ['MaxPool', 'AveragePool'])
    plain(`${op} rounded up`, 10, kernel, { ceil_mode: 1, strides: [2n, 3n], pads: [0n, 1n, 1n, 0n] });
  plain('AveragePool counting pads', 7, kernel, { count_include_pad: 1, pads: [1n, 1n, 1n, 1n] });
  plain('MaxPool dilated', 10, kernel, { dilations: [2n, 2n] });
  add('MaxPool indices', 8, (w) => w.with({ ...kernel, strides: [1n, 2n], storage_order: 0 }), { outputs: ['v', 'y'] });
  for (const op of ['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool']) plain(op, 7);
  for (const auto_pad of ['SAME_UPPER', 'SAME_LOWER', 'VALID']) {
    add(`Conv ${auto_pad}`, 7, (w) => w.constants(t('k', [3, 2, 2, 2]), t('b', [3], 8)).with({ auto_pad }));
    add(`ConvTranspose ${auto_pad}`, 7, (w) => w.constants(t('k', [2, 3, 2, 2])).with({ auto_pad, strides: [1n, 1n] }));
  }
  add('Conv in groups', 7, (w) =>
    w.constants(t('k', [4, 1, 2, 2])).with({ group: 2, dilations: [1n, 2n], pads: [1n, 0n, 0n, 1n] }),
  );
  add('ConvTranspose with output_padding', 7, (w) =>
    w.constants(t('k', [2, 3, 2, 2])).with({ strides: [2n, 2n], output_padding: [1n, 0n] }),
  );
  add('ConvTranspose with output_shape', 7, (w) =>
    w.constants(t('k', [2, 3, 2, 2])).with({ strides: [2n, 2n], output_shape: [7n, 8n] }),
  );
  add('InstanceNormalization', 7, (w) => w.constants(f32('s', [0.5, 2]), f32('b', [1, -1])));
  plain('LRN', 7, { size: 3 });
  plain('LpNormalization', 7, { axis: 1, p: 2 });
  plain('MeanVarianceNormalization', 9);
  add('MatMul', 7, (w) => w.constants(t('k', [4, 5])));
  add('QuantizeLinear', 10, (w) =>
    w.constants(float32Tensor('s', [], Float32Array.of(0.01)), uint8Tensor('z', [], Uint8Array.of(128))),
  );
  add('CumSum', 11, (w) => w.constants(i64('k', [1], [2])).with({ reverse: 1 }));
  add('Mod', 10, (w) => w.constants(f32('k', [0.3])).with({ fmod: 1 }));
  for (const op of ['Relu', 'LeakyRelu', 'HardSigmoid', 'Abs', 'Shape', 'Size']) plain(op, 7);
  for (const op of ['Erf', 'Sign', 'NonZero']) plain(op, 9);
  plain('ThresholdedRelu', 10);
  plain('Round', 11);
  plain('Celu', 12);
  plain('Einsum', 12, { equation: 'abcd->adb' });
  return cases;
}
