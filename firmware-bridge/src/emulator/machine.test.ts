import { describe, expect, it } from '@jest/globals';
import { askMachine } from './testing/ask-machine.js';

/** Little endian. */
const number = (bytes: number[]): number => Buffer.from(bytes).readUInt32LE();
const text = (letters: string): number[] => [...Buffer.from(letters)];

describe('PicoMachine', () => {
  it('echoes over UART0 and sleeps in between', () => {
    const { machine, ask } = askMachine();
    expect(ask()).toEqual([]);
    expect(machine.asleep).toBe(true);
    const long = Array.from({ length: 3000 }, (_, i) => 32 + (i % 90));
    expect(ask(long)).toEqual(long);
  });

  it('gives the same cycles in ten cold boots, the board’s own count and ours', () => {
    const boots = Array.from({ length: 10 }, () => {
      const { machine, ask } = askMachine();
      return [number(ask([1])), ask(text('abc')), number(ask([1])), machine.cycles];
    });
    for (const boot of boots) expect(boot).toEqual(boots[0]);
    expect(boots[0]![0]).toBe(boots[0]![2]);
  });

  it('takes a cycle of the board for a cycle of the clock', () => {
    const { machine, ask } = askMachine();
    ask();
    const before = machine.cycles;
    const counted = number(ask([1]));
    // Around the timed part: an interrupt, its byte into the ring, four bytes out.
    expect(machine.cycles - before - counted).toBeGreaterThan(0);
    expect(machine.cycles - before - counted).toBeLessThan(2000);
  });

  it('sleeps until an alarm of its own timer: a millisecond is 125,000 cycles', () => {
    const { machine, ask } = askMachine();
    ask();
    const before = machine.cycles;
    const awake = machine.awakeCycles;
    expect(ask([4])).toEqual(text('t'));
    expect(machine.cycles - before).toBeGreaterThan(125_000 - 125);
    expect(machine.cycles - before).toBeLessThan(126_000);
    expect(machine.awakeCycles - awake).toBeLessThan(1000);
    const micros = number(ask([7]));
    expect(Math.abs(micros - machine.cycles / 125)).toBeLessThan(20);
  });

  it('restarts through AIRCR and through the watchdog, and time goes on', () => {
    const { machine, ask } = askMachine();
    ask(text('a'));
    for (const [restart, resets] of [
      [0, 1],
      [6, 2],
    ] as const) {
      const before = machine.cycles;
      expect(ask([restart, ...text('b')])).toEqual(text('b'));
      expect(machine.resets).toBe(resets);
      expect(machine.cycles).toBeGreaterThan(before);
    }
  });

  it('locks up when its fault handler faults, and a reset brings it back', () => {
    const { machine, ask } = askMachine();
    expect(ask([3, ...text('x')])).toEqual([]);
    expect(machine.halt).toEqual({ why: 'lockup', message: expect.stringContaining('f0000000') });
    machine.reset();
    expect(ask(text('y'))).toContain(text('y')[0]);
  });

  it('is never done with a program that hangs, and says so by never sleeping', () => {
    const { machine, ask } = askMachine();
    expect(ask([5, ...text('x')])).toEqual([]);
    expect([machine.asleep, machine.halt]).toEqual([false, undefined]);
  });
});
