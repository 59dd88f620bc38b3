import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

const never = new AbortController().signal;

describe('Turnstile', () => {
  it('[MCU-9] lets one in at a time, in the order of asking', async () => {
    const turnstile = new Turnstile();
    const order: string[] = [];
    const visit = async (who: string): Promise<void> => {
      const leave = await turnstile.take(who, never);
      order.push(`${who} in`);
      await Promise.resolve();
      order.push(`${who} out`);
      leave();
    };
    await Promise.all([visit('a'), visit('b'), visit('c')]);
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(turnstile.holder).toBeUndefined();
  });

  it('[MCU-9] who gives up waiting holds up nobody', async () => {
    const turnstile = new Turnstile();
    const leave = await turnstile.take('host', never);
    expect(turnstile.holder).toBe('host');
    const giveUp = new AbortController();
    const second = turnstile.take('pico', giveUp.signal);
    const third = turnstile.take('again', never);
    giveUp.abort();
    (await second)();
    leave();
    (await third)();
    expect(turnstile.holder).toBeUndefined();
  });
});
