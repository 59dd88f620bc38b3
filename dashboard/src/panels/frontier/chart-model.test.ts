import { type FrontierPoint, mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { parseWhere } from '../../view/view.js';
import { chartGeometry, chartModel, constrained, domainsOf } from './chart-model.js';
import { describePoint } from './describe.js';
import { reasonOf } from './reason.js';
import { syntheticPoints, testPoint } from './testing-points.js';

const fp32 = testPoint('fp32', { latency_p50_ms: 40, accuracy: 0.91, size_bytes: 1.2e6 });
const int8 = testPoint('int8', { latency_p50_ms: 10, accuracy: 0.9, size_bytes: 3e5 });
const slow = testPoint(
  'slow',
  { latency_p50_ms: 50, accuracy: 0.8, size_bytes: 2e6 },
  { status: 'dominated', probability: 0.01, dominatedBy: ['var_fp32', 'var_int8'] },
);
const base = { x: 'latency_p50_ms', y: 'accuracy', constraints: [], width: 900, height: 500, stairs: 'draw' } as const;

describe('chart model', () => {
  it('[DASH-6] a constraint greys and removes none; its limit is drawn and labelled', () => {
    const free = chartModel({ ...base, points: [fp32, int8, slow] })!;
    const bound = chartModel({
      ...base,
      points: [fp32, int8, slow],
      constraints: parseWhere('accuracy>=0.85,size_bytes<1MB').constraints,
    })!;
    expect(bound.marks.map((m) => [m.label, m.cx, m.cy])).toEqual(free.marks.map((m) => [m.label, m.cx, m.cy]));
    expect(Object.fromEntries(bound.marks.map((m) => [m.label, m.feasible]))).toEqual({
      fp32: false,
      int8: true,
      slow: false,
    });
    expect([bound.fit, bound.fitOnFrontier, bound.limits.map((l) => [l.axis, l.label])]).toEqual([
      1,
      1,
      [['y', 'accuracy ≥ 0.85']],
    ]);
  });

  it('[DASH-7] a point without one of the metrics is counted and not drawn; an invalid one is not drawn', () => {
    const bare = testPoint('bare', { accuracy: 0.9 });
    const bad = testPoint('bad', { latency_p50_ms: 1, accuracy: 0.9 }, { verdict: 'invalid' });
    const model = chartModel({ ...base, points: [int8, bare, bad] })!;
    expect([model.marks.map((m) => m.label), model.unplaced]).toEqual([['int8'], 2]);
    expect(chartModel({ ...base, points: [bare] })).toBeUndefined();
  });

  it('draws better to the left and upwards where that is better, and the frontier last', () => {
    const model = chartModel({ ...base, points: [fp32, int8, slow] })!;
    const at = Object.fromEntries(model.marks.map((m) => [m.label, m]));
    expect(at['int8']!.cx).toBeLessThan(at['fp32']!.cx);
    expect(at['fp32']!.cy).toBeLessThan(at['int8']!.cy);
    expect(model.marks[0]!.label).toBe('slow');
    expect([model.x.title, model.y.title, model.x.direction, model.y.direction]).toEqual([
      'latency p50, ms',
      'accuracy',
      'min',
      'max',
    ]);
  });

  it('[ENERGY-14] an axis of energy or power says what it contains, and that a meter is simulated', () => {
    const points = [testPoint('fp32', { energy_mj: 5, power_mean_w: 0.2, latency_p50_ms: 3 })];
    const titles = (x: 'energy_mj' | 'latency_p50_ms', energy?: { scope: 'dut-vdd'; simulated?: boolean }) => {
      const { x: across, y: up } = chartModel({ ...base, points, x, y: 'power_mean_w', energy })!;
      return [across.title, up.title];
    };
    expect(titles('energy_mj', { scope: 'dut-vdd' })).toEqual([
      'energy per inference (dut-vdd), mJ',
      'mean power (dut-vdd), mW',
    ]);
    expect(titles('energy_mj', { scope: 'dut-vdd', simulated: true })[0]).toBe(
      'energy per inference (dut-vdd, simulated), mJ',
    );
    expect(titles('latency_p50_ms', { scope: 'dut-vdd' })[0]).toBe('latency p50, ms');
  });

  it('small multiples share the domain that holds all their points', () => {
    const domains = domainsOf([[fp32], [int8]], 'latency_p50_ms', 'accuracy');
    const one = chartModel({ ...base, points: [fp32], domains })!;
    const two = chartModel({ ...base, points: [int8], domains })!;
    expect(one.x.scale.domain).toEqual(two.x.scale.domain);
  });

  it('names cover no mark and no other name', () => {
    const many = Array.from({ length: 30 }, (_, i) =>
      testPoint(`recipe-number-${i}`, { latency_p50_ms: 10 + i * 0.3, accuracy: 0.8 + i * 0.003 }),
    );
    const names = chartModel({ ...base, points: many })!.marks.flatMap((m) =>
      m.name ? [{ ...m.name, width: m.label.length * 6.4 }] : [],
    );
    const boxes = names.map((n) => ({ left: n.anchor === 'end' ? n.x - n.width : n.x, y: n.y, width: n.width }));
    const overlaps = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter((b) => Math.abs(a.y - b.y) < 13 && a.left < b.left + b.width && b.left < a.left + a.width),
    );
    expect([names.length > 0, overlaps]).toEqual([true, []]);
  });

  it('says a point and the reason of its status in words', () => {
    const mark = chartModel({ ...base, points: [fp32, int8, slow] })!.marks[0]!;
    expect(describePoint(mark, ['latency_p50_ms', 'accuracy'])).toBe(
      'slow: Latency p50 50.0 ± 1.0\u00a0ms, Accuracy 0.800 ± 0.016; dominated',
    );
    expect(reasonOf(slow, [fp32, int8, slow], ['latency_p50_ms', 'accuracy'])).toBe(
      'Dominated by fp32 (latency p50 10.0\u00a0ms better, accuracy 0.110 better).',
    );
  });

  it('[CHART-11] a cost over more than a factor of ten is divided by logarithms, or as wished; a quality never by itself', () => {
    const wide = testPoint('wide', { latency_p50_ms: 500, accuracy: 0.01 });
    const kinds = (points: readonly FrontierPoint[], scales = {}) => {
      const { x, y } = chartModel({ ...base, points, scales })!;
      return [x.scale.kind, y.scale.kind];
    };
    expect(kinds([fp32, int8])).toEqual(['linear', 'linear']);
    expect(kinds([fp32, wide])).toEqual(['log', 'linear']);
    expect(kinds([fp32, wide], { x: 'linear', y: 'log' })).toEqual(['linear', 'log']);
    // What has no logarithm keeps the axis linear; a wish for it puts the point on the edge.
    const none = testPoint('none', { latency_p50_ms: 0, accuracy: 0.5 });
    expect(kinds([wide, none])).toEqual(['linear', 'linear']);
  });

  it('[CHART-12] what lies outside stands on the edge and is counted, without bars', () => {
    const none = testPoint('none', { latency_p50_ms: 0, accuracy: 0.5 });
    const shared = {
      x: [1, 20] as [number, number],
      y: [0.4, 1] as [number, number],
      kinds: { x: 'log', y: 'linear' } as const,
    };
    const model = chartModel({ ...base, points: [fp32, int8, none], domains: shared })!;
    const at = Object.fromEntries(model.marks.map((m) => [m.label, m]));
    expect([at['fp32']!.beyond, at['none']!.beyond, at['int8']!.beyond]).toEqual(['right', 'left', undefined]);
    expect([at['fp32']!.cx, at['none']!.cx, at['fp32']!.xBar]).toEqual([model.plot.right, model.plot.left, undefined]);
    expect(model.beyond).toEqual({ left: 1, right: 1 });
  });

  it('[CHART-13] a step of a slider changes the marks that begin or cease to fit, and no others', () => {
    const points = syntheticPoints(1000, mulberry32(3));
    const geometry = chartGeometry({ ...base, points })!;
    const [loose, tight] = ['memory_peak_bytes<30MB', 'memory_peak_bytes<29MB'].map((where) =>
      constrained(geometry, parseWhere(where).constraints),
    );
    const changed = tight!.marks.filter((mark, i) => mark !== loose!.marks[i]);
    const flips = points.filter(({ metrics: { memory_peak_bytes: m } }) => m!.value >= 29e6 && m!.value < 30e6);
    expect([changed.length, flips.length > 0]).toEqual([flips.length, true]);
    expect([tight!.stairs === loose!.stairs, tight!.x === loose!.x]).toEqual([true, true]);
    expect(constrained(geometry, parseWhere('memory_peak_bytes<30MB').constraints).marks).toEqual(loose!.marks);
  });

  it('[FRONT-15] stairs and band are what the re-draws reach, of the same axes alone', () => {
    const attainment = {
      x: 'latency_p50_ms' as const,
      y: 'accuracy' as const,
      draws: 200,
      levels: [0.1, 0.5, 0.9].map((share, i) => ({ share, stairs: [[10 + i, 0.9 - i / 100]] as [number, number][] })),
    };
    const model = chartModel({ ...base, points: [fp32, int8], attainment })!;
    const px = (v: number) => model.x.scale.at(v).toFixed(1);
    expect(model.stairs.startsWith(`M${px(11)} `)).toBe(true);
    expect([model.band.startsWith(`M${px(10)} `), model.band.includes(`L${px(12)} `), model.draws]).toEqual([
      true,
      true,
      200,
    ]);
    const other = chartModel({ ...base, points: [fp32, int8], attainment: { ...attainment, y: 'agreement' } })!;
    expect([other.band, other.draws]).toEqual(['', undefined]);
  });
});
