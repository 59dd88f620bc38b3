import { isLabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Options } from '../shell/options.js';
import { frontierQuery } from './frontier.js';
import { parseShapes, trainingOf, variantName } from './models-push.js';
import { parseFirmwareInput } from './models-push-firmware.js';
import { jobRequest } from './run.js';
import { joinLines } from './token-create.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
};

describe('requests', () => {
  it('[CLI-1] `run` asks for every combination of threads and graph level', () => {
    const options = new Options('run', {
      model: ['net'],
      recipe: ['fp32'],
      device: ['pi'],
      threads: ['1', '4'],
      'graph-level': ['basic', 'all'],
      protocol: ['strict'],
      official: ['true'],
    });
    expect(jobRequest(options)).toEqual({
      model: 'net',
      recipes: ['fp32'],
      selector: { devices: ['pi'], labels: {} },
      protocol: 'strict',
      official: true,
      settings: [1, 4].flatMap((threads) => ['basic', 'all'].map((graphLevel) => ({ threads, graphLevel }))),
    });
  });

  it('[RT-10] `run` asks for each runtime, provider and precision it is told, and names none of itself', () => {
    const wish = { model: ['net'], device: ['jetson'] };
    const settings = (more: Record<string, string[]>) => jobRequest(new Options('run', { ...wish, ...more })).settings;
    expect(settings({ runtime: ['onnxruntime', 'trtexec'], provider: ['cuda'] })).toEqual([
      { threads: 1, graphLevel: 'all', runtime: 'onnxruntime', provider: 'cuda' },
      { threads: 1, graphLevel: 'all', runtime: 'trtexec', provider: 'cuda' },
    ]);
    expect(settings({ runtime: ['trtexec'], precision: ['fp32', 'fp16'] })).toEqual([
      { threads: 1, graphLevel: 'all', runtime: 'trtexec', precision: 'fp32' },
      { threads: 1, graphLevel: 'all', runtime: 'trtexec', precision: 'fp16' },
    ]);
    expect(codeOf(() => settings({ runtime: ['Big Name'] }))).toBe('usage.invalid');
    expect(codeOf(() => settings({ precision: ['fp8'] }))).toBe('usage.invalid');
  });

  it('[RT-14] `run` asks for each batch and power mode it is told', () => {
    const wish = { model: ['net'], device: ['pi'], batch: ['1', '8'], 'power-mode': ['performance', 'powersave'] };
    const plain = { threads: 1, graphLevel: 'all' };
    expect(jobRequest(new Options('run', wish)).settings).toEqual(
      ['performance', 'powersave'].flatMap((powerMode) => [1, 8].map((batch) => ({ ...plain, batch, powerMode }))),
    );
    const wrong = (more: Record<string, string[]>) =>
      codeOf(() => jobRequest(new Options('run', { ...wish, ...more })));
    expect([wrong({ batch: ['0'] }), wrong({ 'power-mode': ['a,b'] })]).toEqual(['usage.invalid', 'usage.invalid']);
  });

  it('[QUEUE-1] [QUEUE-4] `run` asks for its priority and for replicates', () => {
    const wish = { model: ['net'], device: ['pi'] };
    const request = (more: Record<string, string[]>) => jobRequest(new Options('run', { ...wish, ...more }));
    expect(request({ priority: ['-3'], replicates: ['4'] })).toMatchObject({ priority: -3, replicates: 4 });
    expect(codeOf(() => request({ priority: ['11'] }))).toBe('usage.invalid');
    expect(codeOf(() => request({ replicates: ['0'] }))).toBe('usage.invalid');
  });

  it('[CLI-2] `run` without a device is wrong use: nobody measures the whole fleet by accident', () => {
    expect(codeOf(() => jobRequest(new Options('run', { model: ['net'] })))).toBe('usage.invalid');
  });

  it('[CLI-1] `frontier` asks for what was asked', () => {
    const options = new Options('frontier', {
      model: ['net'],
      device: ['a', 'b'],
      fleet: ['true'],
      x: ['size_bytes'],
      where: ['size_bytes<1MB', 'accuracy>90%'],
    });
    expect(frontierQuery(options)).toEqual({
      model: 'net',
      device: 'a,b',
      fleet: 'true',
      x: 'size_bytes',
      where: 'size_bytes<1MB,accuracy>90%',
    });
  });

  it('[CLI-2] `frontier` refuses what is no metric and no constraint', () => {
    expect([
      codeOf(() => frontierQuery(new Options('frontier', { model: ['net'], x: ['latency'] }))),
      codeOf(() => frontierQuery(new Options('frontier', { model: ['net'], where: ['small'] }))),
    ]).toEqual(['usage.invalid', 'usage.invalid']);
  });

  it('[CLI-1] `models push` reads shapes', () => {
    expect([parseShapes(['in=1x3x8x8', 'a=b=2']), codeOf(() => parseShapes(['in=1x']))]).toEqual([
      { in: [1, 3, 8, 8], 'a=b': [2] },
      'usage.invalid',
    ]);
  });

  it('[CLI-1] `models push` reads what training cost', () => {
    const options = new Options('models push', { 'train-device-hours': ['3.5'], 'train-samples': ['60000'] });
    expect([trainingOf(options), trainingOf(new Options('models push', {}))]).toEqual([
      { train_device_hours: 3.5, train_samples: 60_000 },
      undefined,
    ]);
  });

  it('[MCU-81] `models push` reads how the input of a firmware is encoded', () => {
    expect(['uint8', 'int8:0.5:-128', 'uint8:1e-2:7,channels-last'].map(parseFirmwareInput)).toEqual([
      { type: 'uint8' },
      { type: 'int8', scale: 0.5, zeroPoint: -128 },
      { type: 'uint8', scale: 0.01, zeroPoint: 7, channelsLast: true },
    ]);
    for (const text of ['float32', 'int8:0.5', 'int8:0:1', 'int8:0.5:128', 'uint8:0.5:-1', 'int8:1..2:0', 'int8,nhwc'])
      expect([text, codeOf(() => parseFirmwareInput(text))]).toEqual([text, 'usage.invalid']);
  });

  it.each([
    ['train-device-hours', '-1'],
    ['train-energy-kwh', '0'],
    ['train-energy-kwh', 'much'],
    ['train-devices', '1.5'],
  ])('[CLI-2] --%s %s is wrong use', (name, text) => {
    expect(codeOf(() => trainingOf(new Options('models push', { [name]: [text] })))).toBe('usage.invalid');
  });

  it('[CLI-1] a variant has the name of its file, in the letters that a name may have', () => {
    expect([
      variantName(undefined, '/a/ResNet 18 (small).onnx'),
      variantName('distilled', 'x.onnx'),
      codeOf(() => variantName(undefined, '/a/模型.onnx')),
      codeOf(() => variantName('Distilled', 'x.onnx')),
    ]).toEqual(['resnet-18-small', 'distilled', 'usage.invalid', 'usage.invalid']);
  });

  it('[CLI-1] `token create` shows lines with the address that other machines can reach', () => {
    const lab = { urls: ['http://127.0.0.1:7070', 'http://192.168.1.5:7070'], agentPackage: '/agent.tgz' };
    expect(joinLines(lab, 'http://127.0.0.1:7070', 'hlt_join_x')).toEqual([
      'npm install -g http://192.168.1.5:7070/agent.tgz',
      'hilltop-agent http://192.168.1.5:7070 --token hlt_join_x',
    ]);
  });
});
