import { describe, expect, it } from '@jest/globals';
import { preferences, preferencesOf, setPreference } from './preferences.js';

describe('preferences', () => {
  it('[KEY-4] what is stored holds, anything else is the default', () => {
    const stored = new Map([
      ['hilltop.singleKeys', 'false'],
      ['hilltop.cursors', 'sometimes'],
      ['hilltop.theme', 'dark'],
    ]);
    expect(preferencesOf((key) => stored.get(key) ?? null)).toEqual({
      singleKeys: false,
      cursors: 'following',
      density: 'cards',
      theme: 'dark',
    });
  });

  it('[KEY-4] a choice holds at once, also where the browser keeps nothing', () => {
    setPreference('density', 'table');
    expect(preferences.getState().density).toBe('table');
  });
});
