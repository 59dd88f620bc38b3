import { describe, expect, it } from '@jest/globals';
import { ServerClock } from './server-clock.js';

describe('server clock', () => {
  it('the clock of the lab rules when it differs by more than it can be read', () => {
    const clock = new ServerClock(() => 10_000);
    clock.observe(new Date(70_000).toUTCString());
    expect(clock.nowMs()).toBe(70_000);
    clock.observe(new Date(11_000).toUTCString());
    expect(clock.nowMs()).toBe(10_000);
  });
});
