import { describe, expect, it } from '@jest/globals';
import { holds } from './bench.js';
import { bothEfficiency, holdsFrom, lineSeconds, sentEfficiency, type WireCount, wireFigures } from './wire-figures.js';

const count = (bufferBytes: number, bytesOut: number, plan = 'a'): WireCount => ({
  plan,
  planBytes: 6500,
  bufferBytes,
  bytesOut,
  bytesIn: 500,
  requests: 3,
});

describe('figures of the wire', () => {
  it('counts what is sent, and what is answered beside it', () => {
    expect(sentEfficiency(count(512, 9500))).toBeCloseTo(6500 / 9500, 12);
    expect(bothEfficiency(count(512, 9500))).toBeCloseTo(0.65, 12);
  });

  it('takes ten bits for a byte, both directions one after the other', () => {
    expect(lineSeconds(count(512, 11_020), 115_200)).toBeCloseTo(1, 12);
  });

  it('finds the buffer from which on every plan keeps the bound, whatever the order', () => {
    const good = [count(1024, 9000), count(2048, 8800)];
    expect(holdsFrom([...good, count(512, 9500)])).toBe(512);
    expect(holdsFrom([count(512, 9501), ...good])).toBe(1024);
    // One plan is enough to miss it, and a smaller buffer that keeps it by luck does not count.
    expect(holdsFrom([...good, count(1024, 9501, 'b'), count(512, 9000)])).toBe(2048);
    expect(holdsFrom([count(2048, 9501), count(1024, 9000)])).toBeUndefined();
  });

  it('holds the shipped buffer alone against the bound', () => {
    const figures = wireFigures([count(256, 20_000), count(4096, 9000)], 4096, 115_200);
    // Sent, both ways, and from which buffer on.
    expect(figures.filter(({ bound }) => bound).map(({ value }) => value)).toEqual([6500 / 9000, 6500 / 9500, 4096]);
    expect(figures.every(holds)).toBe(true);
    expect(wireFigures([count(4096, 9501)], 4096, 115_200).every(holds)).toBe(false);
  });
});
