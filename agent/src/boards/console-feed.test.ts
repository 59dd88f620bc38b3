import type { ConsoleText } from '@hilltop/contracts';
import { ConsoleText as Schema } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { ConsoleFeed, consoleKeptBytes, printable } from './console-feed.js';

function feed() {
  const sent: Array<Omit<ConsoleText, 'deviceId'>> = [];
  const timers: Array<{ at: number; run: () => void }> = [];
  let now = 0;
  const made = new ConsoleFeed({
    send: (text) => sent.push(text),
    clock: { monotonic: () => now, wall: () => now },
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.filter((t) => t.at <= now)) timer.run();
  };
  return { made, sent, pass };
}

describe('ConsoleFeed', () => {
  it('[MCU-8] publishes at most ten times a second, and says how much it left out', () => {
    const { made, sent, pass } = feed();
    made.push('one\r\n');
    made.push('two\n');
    made.push('x'.repeat(5000));
    expect(sent.map((s) => s.text)).toEqual(['one\n']);
    pass(100);
    expect(sent[1]).toMatchObject({ seq: 1, text: 'x'.repeat(4000), dropped: 1004 });
    for (const text of sent) expect(Schema.safeParse({ ...text, deviceId: 'dev_12345678' }).success).toBe(true);
  });

  it('[MCU-8] keeps the newest 64 KiB of a run, whole characters, and nothing of before and after', () => {
    const { made, sent } = feed();
    made.push('before\n');
    made.begin('run_12345678');
    made.push(`${'é'.repeat(consoleKeptBytes / 2)}a`);
    const text = Buffer.from(made.end());
    made.push('after\n');
    expect(text.length).toBe(consoleKeptBytes - 1);
    expect(text.toString('utf8')).toBe(`${'é'.repeat(consoleKeptBytes / 2 - 1)}a`);
    expect(sent.map((s) => s.runId)).toEqual([undefined, 'run_12345678', undefined].slice(0, sent.length));
    made.begin('run_12345679');
    expect(made.end().length).toBe(0);
  });

  it('[MCU-8] lets no control character through', () => {
    expect(printable('a\u001b[2Jb\u0000\tc\r\nd\re\u009b')).toBe('a[2Jb\tc\nd\ne');
  });
});
