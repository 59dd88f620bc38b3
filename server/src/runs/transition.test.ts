import { runStates, runTransitions } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { transition, transitions } from './transition.js';

describe('transition', () => {
  it('[RUN-10] allows what the table allows and nothing else', () => {
    for (const from of runStates) {
      for (const to of runStates) {
        if ((runTransitions[from] as readonly string[]).includes(to)) expect(transition(from, to)).toBe(to);
        else expect(() => transition(from, to)).toThrow(expect.objectContaining({ code: 'run.bad-transition' }));
      }
    }
  });

  it('[RUN-10] each of several steps must be allowed', () => {
    expect(transitions('running', 'lost', 'queued')).toBe('queued');
    expect(() => transitions('running', 'queued')).toThrow(expect.objectContaining({ code: 'run.bad-transition' }));
  });
});
