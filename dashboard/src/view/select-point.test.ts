import { describe, expect, it } from '@jest/globals';
import { selectPoint, selectPoints } from './select-point.js';
import { comparedMost } from './view.js';

describe('select point', () => {
  it('[CHART-1] pins one and lets it go; compares several, at most so many, in the order of choosing', () => {
    expect(selectPoint({}, 'a', 'pin')).toEqual({ sel: 'a' });
    expect(selectPoint({ sel: 'a' }, 'a', 'pin')).toEqual({ sel: undefined });
    expect(selectPoint({ compare: ['b'] }, 'a', 'toggle')).toEqual({ compare: ['b', 'a'] });
    expect(selectPoint({ compare: ['b', 'a'] }, 'b', 'toggle')).toEqual({ compare: ['a'] });
    const full = Array.from({ length: comparedMost }, (_, i) => `p${i}`);
    expect(selectPoint({ compare: full }, 'more', 'toggle')).toEqual({ compare: full });
    expect(selectPoints({ compare: ['p0'] }, [...full, 'more'])).toEqual({ compare: full });
  });
});
