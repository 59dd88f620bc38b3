import { describe, expect, it } from '@jest/globals';
import {
  FirmwareInput,
  type FirmwareModel,
  firmwareDifferences,
  firmwareInputBytes,
  firmwareModelBytes,
  readFirmwareModel,
} from './firmware-model.js';

const model: FirmwareModel = {
  kind: 'firmware-model',
  name: 'acme',
  profile: 'ULPMark for tinyML Firmware V0.0.1',
  model: 'ic01',
  input: { type: 'int8', scale: 0.5, zeroPoint: -1 },
};
const plain = { scale: 1, offset: 0 };

describe('model in a firmware', () => {
  it('[MCU-80] has the same bytes whatever the order of its parts, and is read back', () => {
    const { input, kind, ...rest } = model;
    const { type, ...scale } = input;
    const bytes = firmwareModelBytes(model);
    expect(firmwareModelBytes({ ...rest, input: { ...scale, type }, kind })).toEqual(bytes);
    expect(readFirmwareModel(bytes)).toEqual(model);
  });

  it.each<[string, Partial<FirmwareModel>]>([
    ['name', { name: 'other' }],
    ['profile', { profile: 'V2' }],
    ['model', { model: 'kws01' }],
    ['input', { input: { type: 'int8' } }],
    ['order of channels', { input: { ...model.input, channelsLast: true } }],
  ])('[MCU-80] has other bytes with another %s', (_, change) => {
    expect(firmwareModelBytes({ ...model, ...change })).not.toEqual(firmwareModelBytes(model));
  });

  it('[MCU-80] other artifacts are none, a damaged one is said to be', () => {
    expect(readFirmwareModel(Buffer.from('HTP1....'))).toBeUndefined();
    expect(readFirmwareModel(new Uint8Array())).toBeUndefined();
    for (const text of ['{"kind":"firmware-model"', '{"kind":"plan"}', '{}'])
      expect(() => readFirmwareModel(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'artifact.corrupt' }));
  });

  it('[MCU-82] says what a device says differently', () => {
    expect(firmwareDifferences(model, model)).toEqual([]);
    expect(firmwareDifferences(model, { ...model, model: 'kws01', name: undefined })).toEqual([
      'its name is not known, not acme',
      'its model is kws01, not ic01',
    ]);
  });

  it('[MCU-85] integers go as they are, int8 as two’s complement; what is no integer of the type is refused with the remedy', () => {
    expect([...firmwareInputBytes({ type: 'uint8' }, [0, 200, 255], { scale: 1 / 255, offset: -0.5 }, [1, 3])]).toEqual(
      [0, 200, 255],
    );
    expect([...firmwareInputBytes({ type: 'int8' }, [-128, -1, 127], plain, [1, 3])]).toEqual([128, 255, 127]);
    for (const value of [0.5, -1, 256, Number.NaN])
      expect(() => firmwareInputBytes({ type: 'uint8' }, [value], plain, [1, 1])).toThrow(/--firmware-input/);
  });

  it('[MCU-85] values are quantized with ties to even, at scale and offset of the pack, and saturate', () => {
    const input = { type: 'int8' as const, scale: 0.5, zeroPoint: -1 };
    // q = round_half_even(x / 0.5) - 1 of x = stored x 0.25.
    const stored = [0, 1, 3, 5, -1, -3, 1000, -1000, Number.NaN];
    const bytes = firmwareInputBytes(input, stored, { scale: 0.25, offset: 0 }, [1, 9]);
    expect([...new Int8Array(bytes.buffer)]).toEqual([-1, -1, 1, 1, -1, -3, 127, -128, -128]);
    expect([...firmwareInputBytes({ type: 'uint8', scale: 1, zeroPoint: 128 }, [-200, 0, 200], plain, [1, 3])]).toEqual(
      [0, 128, 255],
    );
  });

  it('[MCU-85] channels go last where the firmware has them so', () => {
    // 2 channels of 3 places: channel 0 is 0 1 2, channel 1 is 10 11 12.
    const bytes = firmwareInputBytes({ type: 'uint8', channelsLast: true }, [0, 1, 2, 10, 11, 12], plain, [1, 2, 1, 3]);
    expect([...bytes]).toEqual([0, 10, 1, 11, 2, 12]);
  });

  it('[MCU-80] a scale without a zero point, and a zero point of another type, are no encoding', () => {
    const isOne = (input: unknown) => FirmwareInput.safeParse(input).success;
    expect(isOne({ type: 'int8', scale: 0.1 })).toBe(false);
    expect(isOne({ type: 'int8', scale: 0.1, zeroPoint: 200 })).toBe(false);
    expect(isOne({ type: 'uint8', scale: 0.1, zeroPoint: -1 })).toBe(false);
    expect(isOne({ type: 'uint8', scale: 0.1, zeroPoint: 200 })).toBe(true);
    expect(isOne({ type: 'float32' })).toBe(false);
  });
});
