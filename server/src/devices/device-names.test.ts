import { describe, expect, it } from '@jest/globals';
import { freeName } from './device-names.js';
import { Presence } from './presence.js';

describe('devices', () => {
  it('[DEV-5] a name that is taken gets a number', () => {
    expect(freeName('pi', new Set())).toBe('pi');
    expect(freeName('pi', new Set(['pi', 'pi-2']))).toBe('pi-3');
  });

  it('[DEV-6] an agent is present from its hello on until it has been silent for 30 s', () => {
    let now = 0;
    const presence = new Presence(() => now);
    presence.heard('a');
    expect(presence.online('a')).toBe(false);
    presence.arrived('a');
    now = 29_000;
    expect(presence.silent()).toEqual([]);
    presence.heard('a');
    now = 59_001;
    expect(presence.silent()).toEqual(['a']);
  });
});
