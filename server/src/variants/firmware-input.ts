import { type FirmwareInput, LabError, type Model, notStated, type TensorType } from '@hilltop/contracts';

/** Bytes of the input buffer of the benchmark's own firmware; it writes beyond it when told to take more. */
const mostInputBytes = 27_648;

/**
 * How the items of a model become the bytes its firmware takes: as stated, else the integers of the labelled data as they are, which has
 * elements of type `stored`. Throws `variant.interface-mismatch` for an input no such firmware has, `data.dtype` with the remedy for
 * labelled data that is not made of bytes while no scale is stated.
 */
export function firmwareInput(
  { name, inputs }: Pick<Model, 'name' | 'inputs'>,
  stored: TensorType | undefined,
  stated: FirmwareInput | undefined,
): FirmwareInput {
  const mismatch = (why: string): LabError => new LabError('variant.interface-mismatch', `${name} ${why}`);
  if (inputs.length !== 1) throw mismatch(`has ${inputs.length} inputs; firmware built for MLPerf Tiny takes one`);
  const bytes = inputs[0]!.dims.reduce<number>((product, d) => product * Number(d), 1);
  if (bytes > mostInputBytes)
    throw mismatch(`takes ${bytes} values; firmware built for MLPerf Tiny has room for ${mostInputBytes} bytes`);
  if (stored === 'float32' && stated?.scale === undefined)
    throw notStated(`the labelled data of ${name} has floats, and its firmware takes bytes`);
  return stated ?? { type: stored === 'int8' ? 'int8' : 'uint8' };
}
