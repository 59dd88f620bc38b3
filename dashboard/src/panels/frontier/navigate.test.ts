import { describe, expect, it } from '@jest/globals';
import { moveFocus, nearest, type Spot } from './navigate.js';

const spot = (key: string, cx: number, cy: number, status: Spot['status']): Spot => ({ key, cx, cy, status });
const spots = [
  spot('c', 60, 20, 'on'),
  spot('a', 10, 80, 'on'),
  spot('b', 30, 50, 'uncertain'),
  spot('d', 32, 70, 'dominated'),
  spot('e', 34, 90, 'dominated'),
];

describe('navigate', () => {
  it('[DASH-8] left and right go along the frontier and stop at its ends', () => {
    const along = (from: string | undefined, ...keys: ('ArrowLeft' | 'ArrowRight' | 'Home' | 'End')[]) =>
      keys.reduce((at, key) => moveFocus(spots, at, key), from);
    expect([
      along(undefined, 'Home'),
      along('a', 'ArrowRight'),
      along('a', 'ArrowRight', 'ArrowRight', 'ArrowRight'),
      along('b', 'ArrowLeft', 'ArrowLeft'),
      along('a', 'End'),
    ]).toEqual(['a', 'b', 'c', 'a', 'c']);
  });

  it('[DASH-8] down leads to the nearest dominated point below, up leads back', () => {
    expect([
      moveFocus(spots, 'b', 'ArrowDown'),
      moveFocus(spots, 'd', 'ArrowDown'),
      moveFocus(spots, 'e', 'ArrowUp'),
      moveFocus(spots, 'd', 'ArrowUp'),
    ]).toEqual(['d', 'e', 'd', 'b']);
  });

  it('[DASH-8] from a dominated point left and right lead back to the frontier', () => {
    expect([moveFocus(spots, 'd', 'ArrowLeft'), moveFocus(spots, 'd', 'ArrowRight')]).toEqual(['b', 'c']);
  });

  it('an empty chart leads nowhere', () => {
    expect(moveFocus([], undefined, 'End')).toBeUndefined();
  });

  it('the pointer means the nearest point within reach', () => {
    expect([nearest(spots, { cx: 31, cy: 60 }, 24)?.key, nearest(spots, { cx: 200, cy: 200 }, 24)]).toEqual([
      'b',
      undefined,
    ]);
  });
});
