import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyChanges, type Change, noEntities } from './dashboard-events.js';

const change = fc
  .record({ id: fc.constantFrom('a', 'b', 'c'), there: fc.boolean(), n: fc.nat(9) })
  .map(({ id, there, n }): Change => ({ kind: 'run', id, ...(there && { value: { id, attempt: n } as never }) }));

describe('changes', () => {
  it('[LIVE-1] snapshot + changes = later snapshot', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), (before, after) => {
        const once = applyChanges(noEntities, [...before, ...after]);
        const twice = applyChanges(applyChanges(noEntities, before), after);
        expect([...twice.run]).toEqual([...once.run]);
      }),
      { seed: 3 },
    );
  });
  it('[LIVE-1] leaves untouched kinds as they are, by identity', () => {
    expect(applyChanges(noEntities, [{ kind: 'run', id: 'a' }]).device).toBe(noEntities.device);
  });
});
