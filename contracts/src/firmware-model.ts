import * as z from 'zod';
import { errorText, LabError } from './errors.js';

/**
 * How an item becomes the bytes that a benchmark's firmware takes. Without a scale the stored integers are its bytes as they are; with one
 * a byte is clamp(round_half_even(value / scale) + zeroPoint).
 */
export const FirmwareInput = z
  .strictObject({
    type: z.enum(['uint8', 'int8']),
    scale: z.number().positive().max(1e30).optional(),
    zeroPoint: z.number().int().min(-128).max(255).optional(),
    /** The model's input is N C ..., the firmware's N ... C, as the benchmark's own are. */
    channelsLast: z.literal(true).optional(),
  })
  .refine((input) => (input.scale === undefined) === (input.zeroPoint === undefined), {
    message: 'scale and zero point belong together',
  })
  .refine(({ type, zeroPoint = 0 }) => (type === 'uint8' ? zeroPoint >= 0 : zeroPoint <= 127), {
    message: 'the zero point is not of that type',
  });
export type FirmwareInput = z.infer<typeof FirmwareInput>;

/** A model inside a benchmark's firmware, by what that firmware says of itself. It stands in an artifact's place: it names what ran. */
export const FirmwareModel = z.strictObject({
  kind: z.literal('firmware-model'),
  /** The vendor's name of the device. */
  name: z.string().max(200),
  profile: z.string().max(100),
  /** `kws01`, `ic01`, `vww01`, `ad01` ... */
  model: z.string().max(100),
  input: FirmwareInput,
});
export type FirmwareModel = z.infer<typeof FirmwareModel>;

/** Bytes an artifact of this kind has at most: what is longer is something else, and not parsed. */
const mostBytes = 4096;

/** The bytes its name, a SHA-256, is made of: equal ones have equal bytes. */
export function firmwareModelBytes({ kind, name, profile, model, input }: FirmwareModel): Uint8Array {
  const { type, scale, zeroPoint, channelsLast } = input;
  const ordered = { kind, name, profile, model, input: { type, scale, zeroPoint, channelsLast } };
  return new TextEncoder().encode(JSON.stringify(ordered));
}

/** Reads such an artifact; undefined for bytes that are none (a plan, an ONNX file). Throws `artifact.corrupt` for a damaged one. */
export function readFirmwareModel(bytes: Uint8Array): FirmwareModel | undefined {
  if (bytes.length > mostBytes || bytes[0] !== 0x7b) return undefined;
  try {
    return FirmwareModel.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    throw new LabError('artifact.corrupt', `this says of no firmware what it is: ${errorText(error)}`);
  }
}

/** What a device says differently, for people: `its model is kws01, not ic01`. Empty where it is the one. */
export function firmwareDifferences(
  model: Pick<FirmwareModel, 'name' | 'profile' | 'model'>,
  said: { readonly [part in 'name' | 'profile' | 'model']?: string | undefined },
): string[] {
  return (['name', 'profile', 'model'] as const).flatMap((part) =>
    said[part] === model[part] ? [] : [`its ${part} is ${said[part] ?? 'not known'}, not ${model[part]}`],
  );
}

/**
 * The bytes of one item. `stored`: its elements as they lie in the pack, in the order of the model's input `dims`, whose first is the batch;
 * value = stored x scale + offset. Throws `data.dtype` for
 * values that are no integers of the type while no scale is stated.
 */
export function firmwareInputBytes(
  { type, scale, zeroPoint = 0, channelsLast }: FirmwareInput,
  stored: ArrayLike<number>,
  pack: { readonly scale: number; readonly offset: number },
  dims: readonly number[],
): Uint8Array {
  const [low, high] = type === 'int8' ? [-128, 127] : [0, 255];
  const bytes = new Uint8Array(stored.length);
  const channels = channelsLast ? (dims[1] ?? 1) : 1;
  const places = stored.length / channels;
  for (let i = 0; i < bytes.length; i++) {
    // Byte i is channel i % channels of place i / channels.
    const raw = stored[(i % channels) * places + Math.floor(i / channels)]!;
    if (scale === undefined) {
      if (!Number.isInteger(raw) || raw < low || raw > high) throw notStated(`${raw} is no ${type}`);
      bytes[i] = raw & 0xff;
    } else {
      const q = roundHalfEven((raw * pack.scale + pack.offset) / scale) + zeroPoint;
      // NaN has no place among integers: the lowest, as the plan's border has it.
      bytes[i] = (q >= high ? high : q > low ? q : low) & 0xff;
    }
  }
  return bytes;
}

/** Refuses, with the remedy, what `firmwareInputBytes` could not turn into bytes for want of a scale. */
export function notStated(why: string): LabError {
  return new LabError(
    'data.dtype',
    `${why}: say with --firmware-input int8:SCALE:ZERO-POINT (or uint8:...) how the firmware's input is quantized`,
  );
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
