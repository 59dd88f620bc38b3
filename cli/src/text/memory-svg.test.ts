import type { PlanMemory } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { memorySvg } from './memory-svg.js';

const memory: PlanMemory = {
  arenaBytes: 1000,
  steps: 4,
  rectangles: [
    { kind: 'tensor', maker: 'input', from: 0, to: 1, offset: 0, bytes: 500 },
    { kind: 'tensor', maker: 'conv', from: 1, to: 3, offset: 500, bytes: 500 },
    { kind: 'scratch', maker: 'conv', from: 1, to: 1, offset: 400, bytes: 8 },
  ],
};

describe('memorySvg', () => {
  it('[MCU-53] draws each tensor and each working memory at its place, over the steps in which it is needed', () => {
    const svg = memorySvg(memory, 'net <int8>');
    const rects = [
      ...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
    ];
    // 834 px are four steps, 326 px are 1000 bytes, from (74, 376) up.
    expect(rects.map(([, kind, ...box]) => [kind, ...box.map(Number)])).toEqual([
      ['tensor', 74, 213, 417, 163],
      ['tensor', 282.5, 50, 625.5, 163],
      ['scratch', 282.5, 243, 208.5, 2.6],
    ]);
    expect(svg).toContain('net &lt;int8&gt;: 1.00 kB of arena');
    expect([...svg.matchAll(/>(in|out|\d)<\/text>/g)].map((match) => match[1])).toEqual(['in', '1', '2', 'out']);
  });

  it('leaves out a name that has no room', () => {
    const thin = { ...memory, rectangles: [{ ...memory.rectangles[0]!, bytes: 20 }] };
    expect(memorySvg(memory, 'n')).toContain('>input</text>');
    expect(memorySvg(thin, 'n')).not.toContain('>input</text>');
  });
});
