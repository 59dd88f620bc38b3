import { describe, expect, it } from '@jest/globals';
import { holds } from './bench.js';
import { cmsisNn } from './kernel-anchors.js';
import { againstAnchor, deviating, type LayerCount, layerFigures } from './kernel-figures.js';
import { kernelShapes, realMacs, tapsInside } from './kernel-shapes.js';

const layer = (changes: Partial<LayerCount>): LayerCount => ({
  cpu: 'Cortex-M4',
  cpuName: 'cortex-m4',
  unit: 'instructions',
  kernel: 'conv',
  title: 'conv',
  count: 541_696 * 2,
  macs: 541_696,
  ...changes,
});

describe('figures of the kernels', () => {
  it('counts multiply-accumulates without those of the padding', () => {
    expect(kernelShapes.map(realMacs)).toEqual([541_696, 16_384, 33_856]);
    // Three taps everywhere but at the two ends of the axis.
    expect(tapsInside(16, 3)).toBe(46);
    expect(tapsInside(16, 1)).toBe(16);
    expect(tapsInside(1, 3)).toBe(1);
  });

  it('says how far a count is from that of CMSIS-NN', () => {
    const theirs = cmsisNn['cortex-m4'].conv;
    expect(againstAnchor(layer({ count: theirs * 0.75 }))).toBe('25.0 % fewer than CMSIS-NN');
    expect(againstAnchor(layer({ count: theirs * 1.5 }))).toBe('50.0 % more than CMSIS-NN');
    expect(againstAnchor(layer({ cpuName: 'cortex-m55' }))).toBeUndefined();
  });

  it('puts those with a bound first, per multiply-accumulate or for the whole layer', () => {
    const figures = layerFigures([
      layer({ cpu: 'Cortex-M7', cpuName: 'cortex-m7' }),
      layer({}),
      layer({ kernel: 'depthwise', count: 336_498, macs: 33_856 }),
    ]);
    expect(figures.map(({ value, bound }) => [value, bound?.value])).toEqual([
      [2, 2.6],
      [336_498, 336_498],
      [2, undefined],
    ]);
    expect(figures.every(holds)).toBe(true);
    expect(layerFigures([layer({ kernel: 'depthwise', count: 336_499 })]).every(holds)).toBe(false);
  });

  it('counts what is not as the first', () => {
    expect(deviating([{ a: [1, 2] }, { a: [1, 2] }, { a: [1, 3] }])).toBe(1);
    expect(deviating([])).toBe(0);
  });
});
