import type { EnergyBudget, PowerDocument } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { budgetRows, energyFacts, shareText } from './energy-rows.js';
import { idleLevel, powerTrace, shadesOf } from './power-trace.js';

const energy: EnergyBudget = {
  scope: 'dut-vdd',
  sensors: ['ppk2/1'],
  blocks: 2,
  leftOut: 1,
  windowMs: 400,
  gain: 0.01,
  offset: 0.0002,
  edge: 0.02,
  block: 0.005,
};
const power: PowerDocument = {
  sensors: [],
  rows: 3,
  gapMs: 50,
  atMs: [0, 40, 100],
  minW: [1, 2, 3],
  meanW: [2, 3, 4],
  maxW: [3, 4, 5],
  windows: [
    { what: 'idle', block: 0, fromMs: 0, toMs: 20, whole: true },
    { what: 'load', block: 0, fromMs: 20, toMs: 30, whole: true },
    { what: 'loop', block: 0, fromMs: 30, toMs: 60, whole: true },
    { what: 'loop', block: 1, fromMs: 70, toMs: 90, whole: false },
  ],
  faultsMs: [80],
};

describe('power of a run', () => {
  it('[ENERGY-15] is drawn with its holes, its windows, and what spoils one', () => {
    expect(powerTrace(power).columns()).toEqual({
      t: [0, 0.04, 0.07, 0.1],
      low: [1, 2, null, 3],
      mid: [2, 3, null, 4],
      high: [3, 4, null, 5],
    });
    expect(shadesOf(power)).toEqual([
      { from: 0, to: 0.02, colour: '--shade-idle' },
      { from: 0.03, to: 0.06, colour: '--shade-loop' },
      { from: 0.07, to: 0.09, colour: '--shade-bad' },
      { from: 0.08, to: 0.08, colour: '--bad' },
    ]);
  });

  it('[ENERGY-15] idle power is a level only where it was seen', () => {
    expect([idleLevel(undefined), idleLevel(energy)]).toEqual([undefined, undefined]);
    expect(idleLevel({ ...energy, idleW: 0.0021 })).toEqual({ value: 0.0021, label: 'idle 2.10\u00a0mW' });
  });

  it('[ENERGY-13] the page says what the energy is made of, and what was left out', () => {
    expect(budgetRows(energy).map(([name, share]) => `${name} ${shareText(share)}`)).toEqual([
      'Edges 2.0\u00a0%',
      'Gain 1.0\u00a0%',
      'Between windows 0.50\u00a0%',
      'Offset 0.020\u00a0%',
    ]);
    const facts = new Map(energyFacts({ energy, metrics: { energy_mj: { value: 2, n: 2, unit: 'mJ' } } }));
    expect(facts.get('Energy of an inference')).toBe('2.00\u00a0mJ');
    expect(facts.get('Windows')).toBe('2 of 3, 400\u00a0ms each');
    expect(facts.get('Left out')).toMatch(/^1: /);
    expect(facts.get('Idle power')).toBe('not seen');
    expect(new Map(energyFacts({ energy: { ...energy, leftOut: 0 }, metrics: {} })).get('Left out')).toBeUndefined();
    expect(energyFacts({ metrics: {} })).toEqual([]);
  });
});
