import type { PresenceCursor } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Cursors, pointMs } from './cursors.js';

const at = (x: number): PresenceCursor => ({ panel: 'frontier/pi', x, y: 0.9 });

function bench() {
  let now = 0;
  const said: (number | undefined)[] = [];
  const timers: { at: number; run: () => void }[] = [];
  const cursors = new Cursors({
    say: (cursor) => said.push(cursor?.x),
    now: () => now,
    setTimer: (run, ms) => timers.push({ at: now + ms, run }),
  });
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.splice(0)) timer.at <= now ? timer.run() : timers.push(timer);
  };
  return { cursors, said, pass };
}

describe('cursors', () => {
  it('[CHART-2] a pointer is told at most 15 times a second, the newest place, and once where it rests', () => {
    const { cursors, said, pass } = bench();
    for (let i = 0; i < 100; i++) {
      cursors.point(at(i));
      pass(10);
    }
    pass(pointMs);
    expect(said.length).toBeLessThanOrEqual(16);
    expect(said.at(-1)).toBe(99);
    cursors.point(at(99));
    pass(pointMs);
    const before = said.length;
    cursors.point(undefined);
    cursors.point(undefined);
    pass(pointMs);
    expect([said.length, said.at(-1)]).toEqual([before + 1, undefined]);
  });

  it('[CHART-2] keeps the newest place of each, forgets who left the chart, all of it when the connection is lost', () => {
    const { cursors } = bench();
    cursors.received([
      { connection: 'a', cursor: at(1) },
      { connection: 'b', cursor: at(2) },
    ]);
    cursors.received([{ connection: 'a', cursor: at(3) }, { connection: 'b' }]);
    cursors.received({ not: 'a list' });
    expect([...cursors.store.getState().at]).toEqual([['a', at(3)]]);
    cursors.clear();
    expect(cursors.store.getState().at.size).toBe(0);
  });
});
