import { describe, expect, it } from '@jest/globals';
import { LayerColumns, layerTimes } from './layer-times.js';
import { planOps } from './plan-layout.js';

describe('layerTimes', () => {
  it('[MCU-51] names each operator, with its share of the time and its cost per multiply-accumulate', () => {
    const answered = LayerColumns.parse({
      kind: 'layer',
      rows: 3,
      columns: {
        block: [0, 0, 0],
        layer: [0, 1, 2],
        op: [planOps.conv.code, planOps.add.code, 200],
        ticks: [600, 300, 100],
        macs: [50, 0, 100],
      },
    });
    expect(layerTimes(answered)).toEqual([
      { step: 1, kind: 'conv', ticks: 600, macs: 50, share: 0.6, ticksPerMac: 12 },
      { step: 2, kind: 'add', ticks: 300, macs: 0, share: 0.3 },
      { step: 3, kind: 'op 200', ticks: 100, macs: 100, share: 0.1, ticksPerMac: 1 },
    ]);
  });

  it('an inference without time has no shares, and one without operators no rows', () => {
    const none = (op: number[]) => layerTimes({ rows: op.length, columns: { op, ticks: [0], macs: [5] } });
    expect([none([1]).map(({ share }) => share), none([])]).toEqual([[0], []]);
  });
});
