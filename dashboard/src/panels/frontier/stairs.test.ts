import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { frontierOf, stairsPath } from './stairs.js';

const point = fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 20 }) });

describe('stairs', () => {
  it('[DASH-10] are the points that no other beats on both axes, best x first', () => {
    const points = [
      { x: 3, y: 5 },
      { x: 1, y: 2 },
      { x: 2, y: 1 },
      { x: 4, y: 5 },
      { x: 3, y: 4 },
    ];
    expect(frontierOf(points, 'min', 'max')).toEqual([
      { x: 1, y: 2 },
      { x: 3, y: 5 },
    ]);
    expect(frontierOf(points, 'max', 'min')).toEqual([
      { x: 4, y: 5 },
      { x: 3, y: 4 },
      { x: 2, y: 1 },
    ]);
  });

  it('[DASH-10] every other point is weakly beaten by one of them, and they beat none of each other', () => {
    const direction = fc.constantFrom('min' as const, 'max' as const);
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), direction, direction, (points, dx, dy) => {
        const cost = (v: number, d: 'min' | 'max'): number => (d === 'min' ? v : -v);
        const beats = (a: { x: number; y: number }, b: { x: number; y: number }): boolean =>
          cost(a.x, dx) <= cost(b.x, dx) && cost(a.y, dy) <= cost(b.y, dy);
        const front = frontierOf(points, dx, dy);
        expect(points.every((p) => front.some((f) => beats(f, p)))).toBe(true);
        expect(front.every((a) => front.every((b) => a === b || !beats(a, b)))).toBe(true);
      }),
    );
  });

  it('the path starts and ends at the worst ends of the axes', () => {
    expect(
      stairsPath(
        [
          { x: 10, y: 80 },
          { x: 30, y: 20 },
        ],
        { x: 100, y: 99 },
      ),
    ).toBe('M10.0 99.0V80.0H30.0V20.0H100.0');
    expect(stairsPath([], { x: 1, y: 1 })).toBe('');
  });
});
