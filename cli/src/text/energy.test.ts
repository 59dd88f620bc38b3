import type { DeviceFrontier, EnergyBudget, Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { energyText, scopeRemark } from './energy.js';

const budget: EnergyBudget = {
  scope: 'module-input',
  sensors: ['ina3221/VDD_IN'],
  blocks: 3,
  leftOut: 0,
  windowMs: 412,
  idleW: 4.2,
  gain: 0.0064,
  offset: 0.0047,
  edge: 0.00081,
  block: 0.012,
};
const metrics: Run['metrics'] = {
  energy_mj: { value: 12.34, low: 12.1, high: 12.6, n: 3, unit: 'mJ' },
  energy_net_mj: { value: 3.1, low: 2.9, high: 3.3, n: 3, unit: 'mJ' },
  power_mean_w: { value: 0.0123, n: 3, unit: 'W' },
};

describe('energy in the terminal', () => {
  it('[ENERGY-13] says interval, idle, scope, sensors, windows and what the uncertainty is made of', () => {
    expect(energyText({ energy: budget, metrics })).toBe(
      [
        'energy       12.3 mJ (12.1 – 12.6) an inference, all that the window took',
        'above idle   3.10 mJ (2.90 – 3.30)',
        'power        12.3 mW',
        'idle         4.20 W',
        'scope        module-input',
        'sensors      ina3221/VDD_IN',
        'windows      3 of 3, 412 ms each',
        'uncertainty  gain 0.64 %, offset 0.47 %, edges 0.081 %, between windows 1.2 %',
        '',
      ].join('\n'),
    );
  });

  it('[ENERGY-13] says what was left out, that idle was not seen, and that a meter is simulated', () => {
    const { idleW: _, ...rest } = budget;
    const text = energyText({ energy: { ...rest, blocks: 2, leftOut: 1, simulated: true }, metrics: {} });
    expect(text).toMatch(/windows +2 of 3, 412 ms each; 1 left out: a fault of the meter or a gap in its readings\n/);
    expect(text).toMatch(/idle +not seen\n/);
    expect(text).toMatch(/scope +module-input \(simulated meter\)\n/);
    expect(text).not.toMatch(/^energy/m);
  });

  it('[ENERGY-13] a run without energy has no word of it', () => {
    expect(energyText({ metrics })).toBe('');
  });

  it('[ENERGY-14] a frontier with an axis of energy or power says of what', () => {
    const device = { energy: { scope: 'wall', simulated: true } } as DeviceFrontier;
    expect(scopeRemark([{ metric: 'latency_p50_ms' }, { metric: 'energy_mj' }], device)).toBe(
      'energy and power of wall (simulated meter)',
    );
    expect(scopeRemark([{ metric: 'latency_p50_ms' }], device)).toBeUndefined();
    expect(scopeRemark([{ metric: 'power_mean_w' }], {} as DeviceFrontier)).toBeUndefined();
  });
});
