import { describe, expect, it } from '@jest/globals';
import { settingsRefusal } from './device.js';
import { RunSettings, settingsKey, settingsWords } from './protocol.js';
import { SettingsChoice } from './sweep.js';

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

  it('[RT-14] a batch and a power mode are another point; without them, or with the batch of one, the key is as it was', () => {
    const key = (more: Partial<RunSettings>) => settingsKey({ ...plain, ...more });
    expect([key({}), key({ batch: 1 })]).toEqual(['threads=1,graph=all', 'threads=1,graph=all']);
    expect(key({ batch: 8, powerMode: 'performance' })).toBe('threads=1,graph=all,batch=8,power-mode=performance');
    expect(settingsWords({ ...plain, batch: 8, powerMode: 'MAXN' })).toEqual(['batch 8', 'MAXN']);
    for (const wrong of [{ batch: 0 }, { batch: 1.5 }, { powerMode: '' }, { powerMode: 'a,b' }, { powerMode: '-x' }])
      expect(RunSettings.safeParse(wrong).success).toBe(false);
    expect(SettingsChoice.safeParse({ powerModes: ['a,b'] }).success).toBe(false);
  });

  it('[RT-15] a batch for a runtime that takes none, and a power mode that a run may not choose, are refused', () => {
    const onnxruntime = { name: 'onnxruntime' as const, version: '1', providers: ['cpu'] };
    const own = { name: 'external' as const, id: 'tflite', version: '2', providers: ['cpu'] };
    const device = { name: 'pi', facts: { runtimes: [onnxruntime, own], powerModes: ['performance', 'powersave'] } };
    const refusal = (more: Partial<RunSettings>) => settingsRefusal(device, { ...plain, ...more })?.code;
    expect([
      refusal({ batch: 8 }),
      refusal({ powerMode: 'powersave' }),
      refusal({ runtime: 'tflite', batch: 1 }),
    ]).toEqual([undefined, undefined, undefined]);
    const unsupported = 'runtime.setting-unsupported';
    expect([refusal({ runtime: 'tflite', batch: 8 }), refusal({ powerMode: 'MAXN' })]).toEqual([
      unsupported,
      unsupported,
    ]);
    const none = { name: 'pi', facts: { runtimes: [onnxruntime] } };
    expect(settingsRefusal(none, { ...plain, powerMode: 'performance' })?.code).toBe(unsupported);
  });
});
