import { LabError, type ModelCreate, type TensorInfo, type TensorPack } from '@hilltop/contracts';

interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

/**
 * Inputs of one inference without free dimensions: shapes the uploader gave, else batch 1 for the first axis and the
 * data's own sizes for the rest. Throws `model.shape-unknown`, saying which to give.
 */
export function concreteInputs(
  inputs: readonly Tensor[],
  shapes: ModelCreate['shapes'] = {},
  pack?: TensorPack,
): TensorInfo[] {
  const stranger = Object.keys(shapes).find((name) => !inputs.some((input) => input.name === name));
  if (stranger !== undefined) {
    throw new LabError(
      'model.shape-unknown',
      `the model has no input ${stranger}; its inputs are ${inputs.map((i) => i.name).join(', ')}`,
      { input: stranger },
    );
  }
  return inputs.map((input, i) => {
    const given = shapes[input.name];
    if (
      given &&
      (given.length !== input.dims.length || input.dims.some((d, axis) => typeof d === 'number' && d !== given[axis]))
    ) {
      throw new LabError(
        'model.shape-unknown',
        `${input.name} is ${dimsText(input.dims)}; the given shape ${dimsText(given)} does not fit`,
        { input: input.name },
      );
    }
    const data = pack?.inputs[i]?.dims;
    const fromData = data?.length === input.dims.length - 1 ? [1, ...data] : undefined;
    const dims = input.dims.map((d, axis) => {
      const size = typeof d === 'number' ? d : (given?.[axis] ?? (axis === 0 ? 1 : fromData?.[axis]));
      if (size === undefined) {
        throw new LabError(
          'model.shape-unknown',
          `axis ${axis} of ${input.name} is free; give its shape, e.g. --shape ${input.name}=1x3x224x224`,
          { input: input.name, axis },
        );
      }
      return size;
    });
    return { name: input.name, type: input.type, dims };
  });
}

const dimsText = (dims: readonly (number | string)[]): string => dims.map((d) => (d === '' ? '?' : d)).join('x');
