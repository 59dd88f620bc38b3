import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CycleClock } from './clock.js';

describe('CycleClock', () => {
  it('fires alarms in the order they are due, each at its own time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 300 })),
        (due, steps) => {
          const clock = new CycleClock();
          const fired: number[] = [];
          for (const nanos of due) clock.createAlarm(() => fired.push(clock.nanos)).schedule(nanos);
          for (const cycles of steps) {
            clock.advance(cycles);
            expect(clock.nextAlarm).toBeGreaterThan(clock.cycles);
          }
          const passed = due.filter((nanos) => nanos <= clock.nanos && steps.length > 0);
          expect(fired).toEqual(passed.sort((a, b) => a - b));
        },
      ),
    );
  });

  it('sets an alarm again from inside, and calls one off', () => {
    const clock = new CycleClock();
    const fired: number[] = [];
    const again = clock.createAlarm(() => {
      fired.push(clock.nanos);
      again.schedule(80);
    });
    again.schedule(80);
    const never = clock.createAlarm(() => fired.push(-1));
    never.schedule(100);
    never.cancel();
    clock.advance(40);
    expect(fired).toEqual([80, 160, 240, 320]);
  });

  it('goes on from where it is when the frequency changes', () => {
    const clock = new CycleClock();
    clock.advance(125);
    clock.setFrequency(1e6);
    clock.advance(2);
    expect([clock.nanos, clock.cycles]).toEqual([3000, 127]);
  });
});
