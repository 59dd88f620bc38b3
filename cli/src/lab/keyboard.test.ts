import { type ErrorCode, LabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Context } from '../context.js';
import { keyboardOf } from './keyboard.js';

/** A lab that refuses the calls that come next, in order; undefined: takes them. */
function labThat(...refusals: Array<ErrorCode | undefined>) {
  const calls: Array<[string, unknown]> = [];
  const post = async (path: string, body: unknown) => {
    calls.push([path.split('/').at(-1)!, body]);
    const code = refusals.shift();
    if (code) throw new LabError(code, 'Mira has the keyboard; ask for it');
    return { order: 1 };
  };
  const keyboard = keyboardOf({ lab: { post } } as unknown as Context, { id: 'dev_1', name: 'pico' });
  return { calls, keyboard };
}

describe('keyboardOf', () => {
  it('[CONS-16] takes the keyboard first where it may', async () => {
    const { calls, keyboard } = labThat('console.not-writer');
    await keyboard.enter('help');
    await keyboard.enter('name%');
    expect(calls).toEqual([
      ['type', { text: 'help\n' }],
      ['take', {}],
      ['type', { text: 'help\n' }],
      ['type', { text: 'name%' }],
    ]);
  });

  it('[CONS-16] asks where another answers, and types nothing', async () => {
    const { calls, keyboard } = labThat('console.not-writer', 'console.not-writer');
    await expect(keyboard.enter('help')).rejects.toMatchObject({ code: 'console.not-writer' });
    expect(calls.map(([act]) => act)).toEqual(['type', 'take', 'ask']);
  });

  it('[CONS-16] says how to get a device that nobody holds', async () => {
    const { keyboard } = labThat('console.no-lease');
    await expect(keyboard.enter('help')).rejects.toMatchObject({
      code: 'console.no-lease',
      message: expect.stringContaining('hilltop reserve -d pico'),
    });
  });
});
