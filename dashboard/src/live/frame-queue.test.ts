import { describe, expect, it } from '@jest/globals';
import { FrameQueue, slowMs } from './frame-queue.js';

function harness(isHidden = false) {
  const frames: (() => void)[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const queue = new FrameQueue({
    requestFrame: (run) => void frames.push(run),
    setTimer: (run, ms) => void timers.push({ run, ms }),
    isHidden: () => isHidden,
  });
  return { queue, frames, timers };
}

describe('frame queue', () => {
  it('[DASH-4] a burst is one flush in one frame', () => {
    const { queue, frames } = harness();
    let flushes = 0;
    const flush = (): void => void flushes++;
    for (let i = 0; i < 100; i++) queue.request(flush);
    expect(frames).toHaveLength(1);
    frames[0]!();
    expect(flushes).toBe(1);
  });

  it('[DASH-4] quiet or hidden, it flushes once a second', () => {
    for (const { queue, timers, frames } of [
      harness(true),
      (() => {
        const h = harness();
        h.queue.setQuiet(true);
        return h;
      })(),
    ]) {
      queue.request(() => undefined);
      expect([frames.length, timers.map((t) => t.ms)]).toEqual([0, [slowMs]]);
    }
  });

  it('a frame that was overtaken does not flush what belongs to the next one', () => {
    const { queue, frames } = harness();
    const log: string[] = [];
    queue.request(() => log.push('a'));
    queue.flush();
    queue.request(() => log.push('b'));
    frames[0]!();
    expect(log).toEqual(['a']);
    frames[1]!();
    expect(log).toEqual(['a', 'b']);
  });

  it('[LINK-4] paused it draws nothing, and all of it when it goes on', () => {
    const { queue, frames } = harness();
    let flushes = 0;
    queue.request(() => void flushes++);
    queue.setPaused(true);
    frames[0]!();
    queue.request(() => void flushes++);
    expect([flushes, frames.length]).toEqual([0, 1]);
    queue.setPaused(false);
    expect(flushes).toBe(2);
  });
});
