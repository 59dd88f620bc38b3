import { consoleLimits, LabError, mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Typing } from './typing.js';

type Done = { order: number; outcome: 'written' | 'refused'; code?: string | undefined };

/** A board, its line and the time, all moved by hand. */
class Stand {
  line: 'free' | 'run' | 'attaching' | 'away' = 'free';
  resettable = true;
  now = 0;
  fails = false;
  readonly written: Array<{ text: string; at: number }> = [];
  readonly done: Done[] = [];
  #timers: Array<{ at: number; run: () => void }> = [];
  #recovered: (() => void) | undefined;
  readonly typing: Typing;

  constructor(faults: { doubled?: boolean; dropped?: boolean } = {}) {
    const stand = this;
    this.typing = new Typing({
      seat: {
        get line() {
          return stand.line;
        },
        get resettable() {
          return stand.resettable;
        },
        type: async (text) => {
          if (this.fails) throw new LabError('device.unplugged', 'gone');
          if (faults.dropped && this.written.length % 5 === 4) return;
          this.written.push({ text, at: this.now });
          if (faults.doubled && this.written.length % 5 === 0) this.written.push({ text, at: this.now });
        },
        recover: () => {
          this.line = 'attaching';
          return new Promise<string>((resolve) => {
            this.#recovered = () => resolve('back');
          });
        },
      },
      done: (done) => this.done.push(done),
      now: () => this.now,
      after: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((each) => each !== timer);
        };
      },
    });
  }

  say(order: number, what: { text?: string; key?: 'interrupt' | 'reset' }, sentAtMs = this.now): void {
    this.typing.take({ order, ttlMs: consoleLimits.lateMs, sentAtMs, ...what });
  }
  async pass(ms: number): Promise<void> {
    this.now += ms;
    await this.settle();
    for (const due of this.#timers.filter(({ at }) => at <= this.now)) {
      this.#timers = this.#timers.filter((each) => each !== due);
      due.run();
    }
    await this.settle();
  }
  /** The board answers again after a reset. */
  attached(): void {
    this.line = 'free';
    this.#recovered?.();
    this.#recovered = undefined;
  }
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
}

describe('Typing', () => {
  it('[CONS-8] what is typed between a reset and the attaching waits, in order, and is written once', async () => {
    const stand = new Stand();
    stand.say(1, { text: 'a\n' });
    stand.say(2, { key: 'reset' });
    stand.say(3, { text: 'b\n' });
    stand.say(4, { text: 'c\n' });
    stand.say(3, { text: 'b\n' });
    await stand.pass(2000);
    expect(stand.written).toEqual([{ text: 'a\n', at: 0 }]);
    stand.attached();
    await stand.pass(200);
    expect(stand.written.map(({ text }) => text)).toEqual(['a\n', 'b\n', 'c\n']);
    expect(stand.done.map(({ order, outcome }) => `${order} ${outcome}`)).toEqual([
      '1 written',
      '2 written',
      '3 written',
      '4 written',
    ]);
  });

  it('[CONS-9] nothing is written late: not when the board was away too long, nor when the message was on its way too long', async () => {
    const stand = new Stand();
    stand.line = 'away';
    stand.say(1, { text: 'a\n' });
    await stand.pass(consoleLimits.lateMs);
    stand.line = 'free';
    stand.say(2, { text: 'b\n' });
    stand.say(3, { text: 'late\n' }, stand.now - consoleLimits.lateMs);
    await stand.settle();
    expect(stand.written.map(({ text }) => text)).toEqual(['b\n']);
    expect(stand.done).toEqual([
      { order: 1, outcome: 'refused', code: 'console.too-late' },
      { order: 3, outcome: 'refused', code: 'console.too-late' },
      { order: 2, outcome: 'written' },
    ]);
  });

  it('[CONS-9] a run that began, a board that went, too much and what a board cannot do are refused with a code', async () => {
    const stand = new Stand();
    stand.line = 'run';
    stand.say(1, { text: 'a\n' });
    await stand.settle();
    stand.line = 'free';
    stand.fails = true;
    stand.say(2, { key: 'interrupt' });
    await stand.settle();
    stand.resettable = false;
    stand.say(3, { key: 'reset' });
    await stand.settle();
    stand.line = 'away';
    for (let i = 4; i < 10; i++) stand.say(i, { text: 'x'.repeat(1000) });
    expect(stand.done.map(({ code }) => code)).toEqual([
      'console.measuring',
      'device.unplugged',
      'device.refused',
      'console.full',
      'console.full',
    ]);
  });

  const firstSeed = Number(process.env['HILLTOP_SEED'] ?? 1);
  const histories = Number(process.env['HILLTOP_TYPING_HISTORIES'] ?? 60);
  /** Faults of one random history; nothing when every key is answered once, and written once where it is said so. */
  async function play(seed: number, faults: ConstructorParameters<typeof Stand>[0] = {}): Promise<string[]> {
    const random = mulberry32(seed);
    const stand = new Stand(faults);
    const sent = new Map<number, { text: string; at: number }>();
    for (let order = 1; order <= 60; order++) {
      const dice = random();
      if (dice < 0.1) stand.line = (['away', 'attaching', 'run', 'free'] as const)[Math.floor(random() * 4)]!;
      else if (dice < 0.25) stand.attached();
      else if (dice < 0.3) stand.say(order, { key: 'reset' });
      else {
        const text = `${order};${'x'.repeat(Math.floor(random() * 300))}`;
        sent.set(order, { text, at: stand.now });
        stand.say(order, { text });
        if (random() < 0.2) stand.say(order, { text });
      }
      await stand.pass(random() < 0.1 ? 6000 : Math.floor(random() * 400));
    }
    for (let i = 0; i < 60; i++) {
      stand.attached();
      await stand.pass(500);
    }
    const found: string[] = [];
    const written = new Set(stand.done.filter(({ outcome }) => outcome === 'written').map(({ order }) => order));
    for (const [order, { text, at }] of sent) {
      if (stand.done.filter((done) => done.order === order).length !== 1) found.push(`${order} is not answered once`);
      const here = stand.written.filter((each) => each.text === text);
      if (here.length !== Number(written.has(order))) found.push(`${order} is written ${here.length} times`);
      if (here.some((each) => each.at - at >= consoleLimits.lateMs)) found.push(`${order} is written late`);
    }
    const orders = stand.written.map(({ text }) => Number.parseInt(text, 10));
    if (orders.some((order, i) => i > 0 && order < orders[i - 1]!)) found.push('out of order');
    return found;
  }

  it('[CONS-8] [CONS-9] random histories of resets, absences and runs: no key lost, doubled, late or out of order', async () => {
    for (let seed = firstSeed; seed < firstSeed + histories; seed++)
      expect({ seed, faults: await play(seed) }).toEqual({ seed, faults: [] });
  }, 30_000);

  it('[CONS-8] they find a line that doubles, and one that drops', async () => {
    expect(await play(firstSeed, { doubled: true })).not.toEqual([]);
    expect(await play(firstSeed, { dropped: true })).not.toEqual([]);
  });
});
