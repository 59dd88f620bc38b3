import { type Frontier, frontierCsv } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { sampleFrontier } from '../testing/samples.js';

import { frontierText } from './frontier-text.js';
import { plain } from './style.js';

describe('frontierText', () => {
  it('[CLI-10] shows the points worth shipping first, marks with words, and what dominates the rest', () => {
    expect(frontierText(sampleFrontier()).split('\n')).toEqual([
      'bench-pi: net, protocol quick, hypervolume 1.23',
      'pi4/onnxruntime',
      'Status       Recipe                 Latency p50              Accuracy    Size     P  Dominated by',
      '● on         int8-static     400 µs (392 – 408)  91.2 % (90.2 – 92.2)  260 kB  1.00',
      '● on         fp32         1.20 ms (1.18 – 1.22)  92.0 % (91.0 – 93.0)  926 kB  1.00',
      '○ dominated  fp16         1.30 ms (1.27 – 1.33)  90.0 % (89.0 – 91.0)  460 kB  0.01  int8-static',
      'Accuracy on 2000 items',
      'left out: 1 invalid',
      '',
    ]);
  });

  it("[DEMO-5] a board's says cycles, plan and arena, on how many items, and that it is emulated", () => {
    const { devices, ...rest } = sampleFrontier();
    const [{ device, points }] = devices as [Frontier['devices'][number]];
    const one = (value: number, unit: string) => ({ value, low: value, high: value, n: 3, unit });
    const onBoard = {
      ...points[2]!,
      metrics: {
        ...points[2]!.metrics,
        latency_p50_ms: one(29.088496, 'ms'),
        cycles: one(3_636_062, ''),
        arena_bytes: one(7104, 'bytes'),
        size_bytes: { value: 11_520, n: 1, unit: 'bytes' },
      },
    };
    const board = { device: { ...device, name: 'emulated-pico', type: 'pico', emulated: true }, excluded: {} };
    expect(frontierText({ ...rest, devices: [{ ...board, points: [onBoard] }] }).split('\n')).toEqual([
      'emulated-pico (emulated): net, protocol quick',
      'pico',
      'Status  Recipe       Latency p50              Accuracy  Cycles     Plan    Arena     P',
      '● on    int8-static      29.1 ms  91.2 % (90.2 – 92.2)  3.64 M  11.5 kB  7.10 kB  1.00',
      'Accuracy on 2000 items',
      'emulated: cycles as the emulator counts them, time at the clock of the board; a real one can differ',
      '',
    ]);
  });

  it('[VERD-5] a point that stayed disturbed says how often', () => {
    const { devices, ...rest } = sampleFrontier();
    const [{ points, ...device }] = devices as [Frontier['devices'][number]];
    const point = { ...points[2]!, verdict: 'disturbed' as const, unstable: 3 };
    const lines = frontierText({ ...rest, devices: [{ ...device, points: [point] }] }).split('\n');
    expect(lines.find((line) => line.startsWith('● on'))).toMatch(/disturbed, unstable: disturbed 3 times$/);
  });

  it('[CLI-10] draws the points for a terminal', () => {
    const text = frontierText(sampleFrontier(), { style: plain, plotWidth: 80 });
    expect(text).toContain('● int8-static');
    expect(text).toContain('○');
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(8)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
  });
});

describe('frontierCsv', () => {
  it('[CLI-10] has a line for each point, every metric with its interval', () => {
    const [heading, first] = frontierCsv(sampleFrontier()).split('\r\n');
    expect(heading?.split(',').slice(4, 15)).toEqual([
      'recipe',
      'variant',
      'threads',
      'graph_level',
      'runtime',
      'provider',
      'precision',
      'sha256',
      'status',
      'probability',
      'verdict',
    ]);
    expect(first?.split(',').slice(15)).toEqual(['1.3', '1.274', '1.326', '460000', '', '', '0.9', '0.89', '0.91']);
  });
});
