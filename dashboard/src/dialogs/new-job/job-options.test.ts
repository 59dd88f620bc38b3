import type { Device } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { countText, emptyOptions, jobFields, optionChoices, optionErrors, settingsParts } from './job-options.js';

describe('options of a job', () => {
  it('[LABP-5] what was not chosen is left to the lab', () => {
    expect([settingsParts(emptyOptions), jobFields(emptyOptions), optionErrors(emptyOptions)]).toEqual([[{}], {}, []]);
  });

  it('[LABP-5] every combination of settings is asked for, and the rest as the command line has it', () => {
    const options = {
      ...emptyOptions,
      providers: new Set(['cpu', 'cuda']),
      batches: '1, 8',
      priority: '-3',
      items: '500',
    };
    expect(settingsParts(options)).toEqual([
      { provider: 'cpu', batch: 1 },
      { provider: 'cpu', batch: 8 },
      { provider: 'cuda', batch: 1 },
      { provider: 'cuda', batch: 8 },
    ]);
    expect(jobFields({ ...options, official: true, repeats: '0', replicates: '4' })).toEqual({
      ...{ evaluationItems: 500, repeats: 0, replicates: 4, priority: -3, official: true },
    });
  });

  it('[LABP-5] what cannot be read is said', () => {
    expect(optionErrors({ ...emptyOptions, batches: '8, x', priority: '11' }).length).toBe(2);
    expect(optionErrors({ ...emptyOptions, repeats: '1.5' }).length).toBe(1);
  });

  it('[LABP-5] offers what the chosen devices have', () => {
    const device = (id: string, providers: string[], powerModes?: string[], name = 'onnxruntime'): Device =>
      ({ id, facts: { runtimes: [{ name, providers }], ...(powerModes && { powerModes }) } }) as unknown as Device;
    const devices = [
      device('pi', ['cpu'], ['performance', 'powersave']),
      device('orin', ['cuda', 'cpu'], undefined, 'trtexec'),
    ];
    expect(optionChoices(new Set(), devices)).toEqual({
      ...{ providers: ['cpu', 'cuda'], powerModes: ['performance', 'powersave'] },
      precisions: ['fp32', 'fp16', 'int8'],
    });
    expect(optionChoices(new Set(['pi']), devices)).toMatchObject({ providers: [], precisions: [] });
  });

  it('[LABP-5] counts before anything runs', () => {
    expect([
      countText({ recipes: 3, devices: 2, settings: 1, replicates: 1 }),
      countText({ recipes: 1, devices: 1, settings: 2, replicates: 4 }),
      countText({ recipes: 1, devices: 1, settings: 1, replicates: 1 }),
    ]).toEqual([
      '3 recipes × 2 devices = 6 runs',
      '1 recipe × 1 device × 2 settings × 4 replicates = 8 runs',
      '1 recipe × 1 device = 1 run',
    ]);
  });
});
