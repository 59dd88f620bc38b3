import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { axisMetrics, cliOf, decodeView, defaultView, encodeView, parseWhere, type View } from './view.js';

describe('view', () => {
  it('[DASH-5] the default view has an empty address', () => {
    expect([encodeView(defaultView), decodeView('')]).toEqual(['', defaultView]);
  });

  it('[DASH-5] reads and writes the syntax of the CLI', () => {
    const search = '?x=size_bytes&where=memory_peak_bytes<64MB,accuracy>=0.8&device=rpi4-a';
    const view = decodeView(search);
    expect(view).toEqual({
      x: 'size_bytes',
      y: 'accuracy',
      where: 'memory_peak_bytes<64MB,accuracy>=0.8',
      device: 'rpi4-a',
    });
    expect(encodeView(view)).toBe(search);
  });

  it('[DASH-5] several where are one, and what it does not know falls back', () => {
    expect(
      decodeView(
        '?where=size_bytes<1MB&where=accuracy>0.5&x=speed&y=transfer_bytes&protocol=slow&within=-1&prefer=luck',
      ),
    ).toEqual({
      ...defaultView,
      where: 'size_bytes<1MB,accuracy>0.5',
    });
  });

  it('[DASH-5] every view survives its address', () => {
    const metric = fc.constantFrom(...axisMetrics);
    const text = fc.string({ minLength: 1, maxLength: 30 });
    const view = fc.record(
      {
        x: metric,
        y: metric,
        where: fc.string({ maxLength: 40 }),
        z: metric,
        size: metric,
        colour: metric,
        xscale: fc.constantFrom('log' as const, 'linear' as const),
        yscale: fc.constantFrom('log' as const, 'linear' as const),
        axes: fc.constant('free' as const),
        base: text,
        protocol: fc.constantFrom('quick' as const, 'strict' as const),
        device: text,
        model: text,
        sel: text,
        prefer: metric,
        metric,
        sort: text,
        variant: text,
        within: fc.constantFrom(0, 0.5, 2, 100),
      },
      { requiredKeys: ['x', 'y', 'where'] },
    );
    fc.assert(
      fc.property(view, (given) => {
        expect(decodeView(encodeView(given as View))).toEqual(given);
      }),
    );
  });

  it('reads constraints with units and names the part that cannot be read', () => {
    expect(parseWhere('size_bytes<1MB, accuracy>=80%')).toEqual({
      constraints: [
        { metric: 'size_bytes', op: '<', value: 1e6 },
        { metric: 'accuracy', op: '>=', value: 0.8 },
      ],
      errors: [],
    });
    expect(parseWhere('speed>1,size_bytes<1MB')).toMatchObject({
      constraints: [{ metric: 'size_bytes' }],
      errors: [expect.stringContaining('speed>1')],
    });
  });

  it('writes the CLI line of a view, quoted for a shell', () => {
    const view: View = { x: 'size_bytes', y: 'accuracy', where: 'accuracy>=0.8, size_bytes<1MB', protocol: 'quick' };
    expect(cliOf(view, "it's", 'rpi4-a')).toBe(
      `hilltop frontier -m 'it'\\''s' -d rpi4-a -x size_bytes --where 'accuracy>=0.8' --where 'size_bytes<1MB' --protocol quick`,
    );
  });
});
