import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConsoleTail } from './console-tail.js';

describe('ConsoleTail', () => {
  it('[MCU-48] keeps the end and counts what went before it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 1, max: 40 }), (parts, kept) => {
        const tail = new ConsoleTail(kept);
        for (const part of parts) tail.append(part);
        const whole = parts.join('');
        const from = Math.max(0, whole.length - kept);
        expect(tail.document()).toEqual({ text: whole.slice(from), dropped: from });
        tail.append('', 7);
        expect(tail.document().dropped).toBe(from + 7);
      }),
    );
  });
});
