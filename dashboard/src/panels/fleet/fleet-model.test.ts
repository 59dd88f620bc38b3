import type { FleetPoint } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { fleetInterval, fleetPicture, fleetText } from './fleet-model.js';

const point = (recipe: string, latency: number, accuracy: number, k = 3): FleetPoint => ({
  recipe,
  variant: `var_${recipe}`,
  settings: { threads: 1, graphLevel: 'all' },
  coverage: { k, n: 3 },
  values: {
    latency_p50_ms: { value: latency, low: latency * 0.9, high: latency * 1.1, deviceId: 'dev_1' },
    accuracy: { value: accuracy, deviceId: 'dev_2' },
  },
  status: 'on',
  probability: 1,
  dominatedBy: [],
});
const axes = ['latency_p50_ms', 'accuracy'] as const;
const size = { width: 600, height: 300 };

describe('fleet', () => {
  it('[COMP-11] costs are ratios to fp32, qualities what they are', () => {
    expect([fleetText('latency_p50_ms', 0.5), fleetText('accuracy', 0.9)]).toEqual(['0.500\u00a0×', '0.900']);
    expect(fleetInterval('latency_p50_ms', { value: 0.5, low: 0.4, high: 0.6, deviceId: 'd' })).toBe(
      '0.500 [0.400, 0.600]\u00a0×',
    );
  });

  it('[COMP-11] faster is left, better is up; what covers fewer devices makes no stairs', () => {
    const points = [point('fp32', 1, 0.9), point('int8', 0.5, 0.88), point('fp16', 0.3, 0.95, 1)];
    const picture = fleetPicture(points, axes, size)!;
    const [fp32, int8, fp16] = picture.marks;
    expect(int8!.cx).toBeLessThan(fp32!.cx);
    expect(fp16!.cy).toBeLessThan(fp32!.cy);
    const corner = (mark: typeof fp32): boolean => picture.stairs.includes(mark!.cx.toFixed(1));
    expect([corner(fp32), corner(int8), corner(fp16)]).toEqual([true, true, false]);
    // Two at the same place share no room: one name is left to the table.
    const twins = fleetPicture([point('int8', 0.5, 0.88), point('int4', 0.5, 0.88)], axes, size)!;
    expect(twins.marks.map(({ isNamed }) => isNamed)).toEqual([true, false]);
    expect(fleetPicture([], axes, size)).toBeUndefined();
  });
});
