import { upToPack } from '@hilltop/contracts';
import { floatAttribute, intAttribute } from '../node.js';
import { roundEven } from '../quantize/integers.js';
import { sizeOf } from '../sizes.js';
import { channelsOperand, type LayerWeights, packedWeights, stepsOf } from './channels.js';
import { biasOf, weightOf } from './constants.js';
import { constantOperand, operandOf, storageOf } from './draft.js';
import type { Flow, Pending } from './flow.js';
import { type Lowering, limits } from './lowering.js';
import { channelsLast, identityOrder, rowIndices, type View } from './view.js';
import { groupsOf, kernelOf, tapsInside, windowOf } from './window.js';

export function conv(l: Lowering): Flow {
  const { view, affine } = l.real(0);
  const dims = l.dims(l.node!.output[0]!);
  const weight = weightOf(l, 1, 0);
  const groups = groupsOf(l);
  const [, channels, ...space] = l.settled(view).dims as [number, number, ...number[]];
  const kernel = kernelOf(l, weight.dims.slice(2));
  const { pad_bottom: _, pad_right: __, ...window } = windowOf(l, view.dims, dims, kernel);
  const outputs = dims[1]!;
  if (weight.dims[1]! * groups !== channels || outputs % groups !== 0) return l.refuse('its groups do not go up');
  // One input channel is an ordinary convolution: it has no groups to keep apart.
  const depthwise = groups === channels && channels > 1;
  const inner = sizeOf(kernel);
  const rowLength = weight.dims[1]! * inner;
  const rows = new Int8Array(outputs * rowLength);
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < weight.dims[1]!; c++)
      for (let k = 0; k < inner; k++)
        rows[o * rowLength + k * weight.dims[1]! + c] = weight.values[(o * weight.dims[1]! + c) * inner + k]!;
  const bias = biasOf(l, 2, stepsOf(weight.scales, affine));
  const layer: LayerWeights = { rows, rowLength, scales: weight.scales, ...(bias && { bias }) };
  const along = (axis: number, kernelSize: number, stride: number, dilation: number, before: number): number =>
    axis < 0 ? 1 : tapsInside(space[axis]!, dims[axis + 2]!, { kernel: kernelSize, stride, dilation, before });
  const macs =
    along(space.length - 2, window.kernel_h, window.stride_h, window.dilation_h, window.pad_top) *
    along(space.length - 1, window.kernel_w, window.stride_w, window.dilation_w, window.pad_left) *
    weight.dims[1]! *
    outputs;
  const order = channelsLast(dims.length);
  const build = (using: LayerWeights): Pending =>
    l.pending(
      dims,
      (rounding) => {
        const input = l.operand(view, order);
        const made = l.made(dims, order, rounding.affine);
        const params = {
          ...window,
          groups,
          input_zero: affine.zero,
          output_zero: rounding.affine.zero,
          ...limits(rounding),
        };
        const weights = depthwise ? depthwiseWeights(using, window) : packedWeights(using, groups);
        l.emit(
          depthwise ? 'depthwise' : 'conv',
          [input, weights, channelsOperand(l, using, { input: affine, output: rounding.affine, sums: !depthwise })],
          operandOf(made),
          params,
          { macs, scratch: depthwise ? 0 : 4 * upToPack(rowLength) },
        );
        return made;
      },
      { withBias: (values) => build(biased(l, using, affine.scale, values)) },
    );
  return build(layer);
}

/** [kernel row][kernel column][output] */
function depthwiseWeights({ rows, rowLength, scales }: LayerWeights, w: { kernel_h: number; kernel_w: number }) {
  const values = new Int8Array(rows.length);
  for (let o = 0; o < scales.length; o++)
    for (let k = 0; k < rowLength; k++) values[k * scales.length + o] = rows[o * rowLength + k]!;
  return constantOperand('weights', values, [w.kernel_h, w.kernel_w, scales.length]);
}

function biased(l: Lowering, layer: LayerWeights, input: number, values: Float32Array): LayerWeights {
  const bias = Float64Array.from(layer.scales, (scale, o) => {
    const step = Math.fround(scale * input);
    return (layer.bias?.[o] ?? 0) + roundEven(Math.fround(values[values.length === 1 ? 0 : o]! / step));
  });
  if (bias.some((b) => Math.abs(b) >= 2 ** 31)) l.refuse('what is added to it does not fit 32 bits');
  return { ...layer, bias };
}

export function gemm(l: Lowering): Flow {
  const node = l.node!;
  if (intAttribute(node, 'transA', 0) !== 0)
    return l.refuse('its input is transposed (transA): transpose its weight instead');
  if (floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1)
    return l.refuse('it scales its product: put alpha and beta into its weights');
  return dense(l, intAttribute(node, 'transB', 0) !== 0 ? 0 : 1, 2);
}

export function matMul(l: Lowering): Flow {
  return dense(l, 1, undefined);
}

/** A product with a constant matrix whose outputs lie along `axis`. */
function dense(l: Lowering, axis: 0 | 1, biasInput: number | undefined): Flow {
  const { view, affine } = l.real(0);
  const dims = l.dims(l.node!.output[0]!);
  const weight = weightOf(l, 1, axis);
  if (weight.dims.length !== 2 || dims.length < 2)
    return l.refuse('its weight is not a constant matrix: kernels multiply by one');
  const [inputs, outputs] = [weight.dims[1 - axis]!, weight.dims[axis]!];
  const rowCount = sizeOf(dims) / outputs;
  // One row may lie in any order: the weights are put into that of the memory, which is what a Flatten costs otherwise.
  const source = rowCount === 1 ? (view.shuffled ?? view) : undefined;
  const places = source && rowIndices(source);
  const rows = new Int8Array(outputs * inputs);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) {
      const from = places ? places[i]! : i;
      rows[o * inputs + i] = weight.values[axis === 0 ? o * inputs + from : from * outputs + o]!;
    }
  const bias = biasInput === undefined ? undefined : biasOf(l, biasInput, stepsOf(weight.scales, affine));
  const order = identityOrder(dims.length);
  const macs = rowCount * inputs * outputs;
  const build = (using: LayerWeights): Pending => {
    const emit = (
      made: View,
      clamp: { min: number; max: number; output_zero: number },
      output?: typeof affine,
    ): View => {
      const x = source ?? l.arranged(view, identityOrder(view.dims.length));
      l.emit(
        'dense',
        [operandOf(x), packedWeights(using, 1), channelsOperand(l, using, { input: affine, output, sums: true })],
        operandOf(made),
        { rows: rowCount, inputs, outputs, ...clamp },
        { macs, scratch: rowCount > 1 && inputs % 4 !== 0 ? upToPack(inputs) : 0 },
      );
      return made;
    };
    return l.pending(
      dims,
      (rounding) =>
        emit(
          l.made(dims, order, rounding.affine),
          { ...limits(rounding), output_zero: rounding.affine.zero },
          rounding.affine,
        ),
      {
        finishFloat: () =>
          emit({ storage: storageOf(l.name(), 'float32', dims), dims, order }, { min: -128, max: 127, output_zero: 0 }),
        withBias: (values) => build(biased(l, using, affine.scale, values)),
      },
    );
  };
  return build({ rows, rowLength: inputs, scales: weight.scales, ...(bias && { bias }) });
}
