import { describe, expect, it } from '@jest/globals';
import { applyConsole, type ConsoleHold, type Keyboard } from './console-rules.js';
import { playConsole } from './testing/console-history.js';

const histories = Number(process.env['HILLTOP_CONSOLE_HISTORIES'] ?? 3000);
/** Histories in which an invariant was once broken. */
const keptSeeds: readonly number[] = [];
const firstSeed = Number(process.env['HILLTOP_SEED'] ?? 1);
/** So soon each planted fault must be found. */
const soon = 300;

type Rules = typeof applyConsole;
/** Rules that are wrong, each in one way that somebody could write. `before`: what an earlier step of the history saw. */
const faulty: Readonly<Record<string, () => Rules>> = {
  'the lease is looked at one step late': () => {
    let late: ConsoleHold | undefined;
    return (keyboard, act, world) => {
      const hold = late;
      late = world.hold;
      return applyConsole(keyboard, act, { ...world, hold });
    };
  },
  'a lease that ends leaves its writer': () => {
    let last: ConsoleHold | undefined;
    return (keyboard, act, world) => {
      last = world.hold ?? last;
      return applyConsole(keyboard, act, { ...world, hold: last });
    };
  },
  'a lease that is handed over under its id goes on': () => (keyboard, act, world) => {
    const { hold } = world;
    const known = keyboard.writer?.holding.split('#')[0] === hold?.holding.split('#')[0] ? keyboard.writer : undefined;
    return applyConsole(keyboard, act, {
      ...world,
      ...(hold && known && { hold: { ...hold, holding: known.holding } }),
    });
  },
  'a keyboard goes over into the next lease': () => (keyboard, act, world) => {
    const holding = world.hold?.holding ?? '';
    const writer = keyboard.writer && { ...keyboard.writer, holding };
    return applyConsole({ ...keyboard, writer }, act, world);
  },
  'a question goes over into the next lease': () => (keyboard, act, world) => {
    const ask = keyboard.ask && world.hold && { ...keyboard.ask, holding: world.hold.holding };
    return applyConsole({ ...keyboard, ask }, act, world);
  },
  'a disconnect is not heard': () => (keyboard, act, world) =>
    applyConsole(keyboard, act.type === 'disconnect' ? { type: 'tick' } : act, world),
  'anybody takes it': () => (keyboard, act, world) =>
    act.type === 'take' && world.hold
      ? { ...applyConsole(keyboard, act, { ...world, hold: { ...world.hold, owner: act.by.owner } }) }
      : applyConsole(keyboard, act, world),
  'anybody gives it': () => (keyboard, act, world) =>
    applyConsole(keyboard, act.type === 'answer' && world.hold ? { ...act, by: world.hold } : act, world),
  'anybody types': () => (keyboard, act, world) =>
    applyConsole(keyboard, act.type === 'type' && keyboard.writer ? { ...act, by: keyboard.writer } : act, world),
  'somebody types into a run': () => (keyboard, act, world) =>
    applyConsole(keyboard, act, { ...world, measuring: undefined }),
  'half the silence is enough': () => (keyboard, act, world) => {
    const sooner = <T extends { activeAt: number }>(w: T | undefined) => w && { ...w, activeAt: w.activeAt - 30_000 };
    return applyConsole({ ...keyboard, writer: sooner(keyboard.writer) } as Keyboard, act, world);
  },
  'who has it gives it up only when asked twice': () => {
    let asked = false;
    return (keyboard, act, world) => {
      if (act.type !== 'drop' || asked) return applyConsole(keyboard, act, world);
      asked = true;
      return applyConsole(keyboard, { type: 'tick' }, world);
    };
  },
  'a writer is refused now and then': () => (keyboard, act, world) =>
    act.type === 'type' && world.now % 7 === 0
      ? applyConsole(keyboard, act, { ...world, measuring: 'run_0' })
      : applyConsole(keyboard, act, world),
};

describe('random histories of a keyboard', () => {
  it(`[CONS-2] [CONS-3] ${histories} of them: never two writers, none without the lease, none that may is refused`, () => {
    const seen = new Map<string, number>();
    for (const seed of [...keptSeeds, ...Array.from({ length: histories }, (_, i) => firstSeed + i)]) {
      const result = playConsole(seed);
      if (result.faults.length > 0) throw new Error(`seed ${seed}: ${result.faults.join('; ')}`);
      for (const what of result.seen) seen.set(what, (seen.get(what) ?? 0) + 1);
    }
    // The histories are worth something only where everything did happen.
    const expected = [
      ...['take', 'ask', 'answer', 'drop', 'type', 'disconnect', 'tick', 'silence', 'lost'],
      ...['expired', 'released', 'forced', 'lease handover', 'lease answer', 'lease force'],
      ...['console.no-lease', 'console.not-writer', 'console.not-yours', 'console.asked', 'console.not-asked'],
      'console.measuring',
    ];
    expect(expected.filter((what) => (seen.get(what) ?? 0) < 50)).toEqual([]);
  }, 60_000);

  it.each(Object.entries(faulty))(`[CONS-4] they find, within ${soon}: %s`, (_name, rules) => {
    const found = Array.from({ length: soon }, (_, i) => firstSeed + i).find(
      (seed) => playConsole(seed, rules()).faults.length > 0,
    );
    expect(found).toBeDefined();
  });
});
