import { layerTimes, planOps } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { layersText } from './layers-text.js';
import { plain } from './style.js';

const layers = layerTimes({
  rows: 2,
  columns: { op: [planOps.conv.code, planOps.add.code], ticks: [487_584, 95_958], macs: [20_172, 0] },
});
const value = (unit: string) => ({ value: 1, n: 1, unit });

describe('layersText', () => {
  it('[MCU-51] says per operator what it took, which share that is, and what a multiply-accumulate costs', () => {
    expect(layersText(layers, { metrics: { cycles: value('') } }, plain)).toBe(
      [
        'Step  Operator  Cycles   Share                          MACs  per MAC',
        '   1  conv       488 k  83.6 %  ████████████████████  20.2 k     24.2',
        '   2  add       96.0 k  16.4 %  ████',
        '',
      ].join('\n'),
    );
  });

  it('calls instructions instructions, other counts ticks, and shows nothing where nothing was counted', () => {
    const heading = (metrics: object) => layersText(layers, { metrics }, plain).split('\n')[0];
    expect(heading({ instructions: value('') })).toContain('Instructions');
    expect(heading({})).toContain('Ticks');
    expect(layersText([], { metrics: {} }, plain)).toBe('');
  });
});
