import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Pace } from './pace.js';

describe('Pace', () => {
  it('[MCU-60] lets no more cycles pass than the time allows, however they are cut and whatever lies between', () => {
    const slice = fc.record({
      cycles: fc.integer({ min: 0, max: 5_000_000 }),
      tookMs: fc.double({ min: 0, max: 20, noNaN: true }),
      idleMs: fc.double({ min: 0, max: 20, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        fc.array(slice, { minLength: 1 }),
        (megahertz, slices) => {
          const pace = new Pace(megahertz);
          let now = 1000;
          let cycles = 0;
          for (const { cycles: more, tookMs, idleMs } of slices) {
            now += pace.waitMs(now);
            // All that ran before fits in the time before; rounding of times far apart aside.
            expect(cycles / (megahertz * 1000)).toBeLessThanOrEqual((now - 1000) * (1 + 1e-9) + 1e-6);
            pace.ran(more, now);
            cycles += more;
            now += tookMs + idleMs;
          }
        },
      ),
    );
  });

  it('waits exactly for what ran ahead, and does not save up idle time', () => {
    const pace = new Pace(1);
    expect(pace.waitMs(0)).toBe(0);
    pace.ran(10_000, 100);
    expect(pace.waitMs(103)).toBe(7);
    pace.ran(10_000, 103);
    expect(pace.waitMs(103)).toBe(17);
    expect(pace.waitMs(500)).toBe(0);
    pace.ran(1000, 500);
    expect(pace.waitMs(500)).toBe(1);
    expect(pace.cyclesIn(8)).toBe(8000);
    expect(new Pace(1e-6).cyclesIn(8)).toBe(1);
  });

  it('never waits without a limit', () => {
    const pace = new Pace(undefined);
    pace.ran(1e12, 0);
    expect(pace.waitMs(0)).toBe(0);
    expect(pace.cyclesIn(8)).toBe(Number.POSITIVE_INFINITY);
  });
});
