import { describe, expect, it } from '@jest/globals';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { readPicoImage } from './image.js';
import { type BoardOptions, boardOptions } from './options.js';
import { echoImage } from './testing/echo-image.js';
import type { BoardFacts } from './thread-messages.js';
import { ThreadWork } from './thread-work.js';

/** A board without its thread, on a clock that goes on only while everything waits: all its time is waiting. */
function workOf(options: Partial<BoardOptions> = {}) {
  const timer = virtualTimer();
  const said: number[] = [];
  let wanted: { readonly bytes: number; readonly resolve: () => void } | undefined;
  let facts: BoardFacts | undefined;
  let id = 0;
  const work = new ThreadWork(
    { image: readPicoImage(echoImage), options: boardOptions.parse(options) },
    (message) => {
      if (message.kind === 'data') said.push(...message.bytes);
      if (message.kind === 'done' && message.facts) facts = message.facts;
      if (wanted && said.length >= wanted.bytes) wanted.resolve();
    },
    timer,
  );
  return {
    timer,
    /** Resolves with the answer and when it came, in ms. */
    ask: async (bytes: number[], count: number): Promise<{ readonly said: number[]; readonly ms: number }> => {
      const answered = new Promise<void>((resolve) => {
        wanted = { bytes: count, resolve };
      });
      work.take({ kind: 'write', id: ++id, bytes: Uint8Array.from(bytes) });
      await answered;
      return { said: said.splice(0), ms: timer.now() };
    },
    facts: (): BoardFacts => {
      work.take({ kind: 'facts', id: ++id });
      return facts!;
    },
  };
}

describe('ThreadWork', () => {
  it('[MCU-60] takes as long for its cycles as the highest speed asks, work after work', async () => {
    // Slower than any machine that runs this: 0.2 M cycles each at 1 MHz.
    const { ask, facts } = workOf({ megahertz: 1 });
    // The last slice, of 8 ms, is not waited for before its bytes go out, but before the next one runs.
    const sliceMs = 8;
    for (let works = 1; works <= 3; works++) {
      const { ms } = await ask([1], 4);
      const cyclesMs = facts().busyCycles / 1000;
      expect(facts().busyCycles).toBeGreaterThan(works * 200_000);
      expect(ms).toBeGreaterThanOrEqual(cyclesMs - sliceMs - 1);
      expect(ms).toBeLessThan(cyclesMs + 1);
    }
  });

  it('waits for nothing where no speed is given', async () => {
    const { ask } = workOf();
    expect((await ask([1, 1], 8)).ms).toBe(0);
  });

  it('sleeps for real as long as the program sleeps', async () => {
    const { ask } = workOf();
    const { said, ms } = await ask([4, 4], 2);
    expect(Buffer.from(said).toString()).toBe('tt');
    expect(ms).toBeGreaterThan(1.9);
    expect(ms).toBeLessThan(2.1);
  });
});
