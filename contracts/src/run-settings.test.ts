import { describe, expect, it } from '@jest/globals';
import { settingsRefusal } from './device.js';
import { RunSettings, settingsKey, settingsWords } from './protocol.js';

const plain = { threads: 1, graphLevel: 'all' as const };

describe('run settings', () => {
  it('[RT-11] old settings mean what they meant: they parse, and their key is the same', () => {
    expect(RunSettings.parse({})).toEqual(plain);
    expect(settingsKey({ threads: 2, graphLevel: 'basic' })).toBe('threads=2,graph=basic');
  });

  it('[RT-11] another runtime, provider or precision is another point; what is done without being asked is none', () => {
    const key = (more: Partial<RunSettings>) => settingsKey({ ...plain, ...more });
    expect(key({ runtime: 'onnxruntime', provider: 'cpu', precision: 'fp32' })).toBe(key({}));
    expect(key({ runtime: 'trtexec', provider: 'tensorrt', precision: 'fp16' })).toBe(
      'threads=1,graph=all,runtime=trtexec,provider=tensorrt,precision=fp16',
    );
    expect(settingsWords({ threads: 4, graphLevel: 'basic', runtime: 'tflite' })).toEqual([
      '4 threads',
      'graph basic',
      'tflite',
    ]);
    expect(RunSettings.safeParse({ runtime: 'No Name' }).success).toBe(false);
  });

  it('[RT-12] what a device does not have is refused by name, with what it has', () => {
    const runtimes = [
      { name: 'onnxruntime' as const, version: '1', providers: ['cpu'] },
      { name: 'external' as const, id: 'tflite', version: '2', providers: ['cpu', 'xnnpack'] },
    ];
    const refusal = (more: Partial<RunSettings>) =>
      settingsRefusal({ name: 'pi', facts: { runtimes } }, { ...plain, ...more });
    expect([refusal({}), refusal({ runtime: 'tflite', provider: 'xnnpack' })]).toEqual([undefined, undefined]);
    expect(refusal({ runtime: 'external' })).toMatchObject({
      code: 'runtime.missing',
      message: expect.stringContaining('onnxruntime, tflite'),
    });
    expect(refusal({ provider: 'cuda' })).toMatchObject({ code: 'runtime.missing' });
    expect(refusal({ precision: 'int8' })).toMatchObject({ code: 'runtime.setting-unsupported' });
    expect(settingsRefusal({ name: 'bare', facts: { runtimes: [] } }, plain)).toBeUndefined();
  });
});
