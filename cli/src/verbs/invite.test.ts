import { isLabError } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { Options } from '../shell/options.js';
import { invitationWish } from './invite.js';

describe('invite', () => {
  it('[GUEST-8] asks for a link to what it was told, for as long as it was told', () => {
    expect(invitationWish(undefined, new Options('invite', {}))).toEqual({});
    expect(invitationWish('/models/net', new Options('invite', { for: ['7d'], name: ['review'] }))).toEqual({
      path: '/models/net',
      expiresInHours: 168,
      label: 'review',
    });
  });

  it('[GUEST-8] an address of another host is wrong use', () => {
    const codeOf = (path: string): unknown => {
      try {
        return invitationWish(path, new Options('invite', {}));
      } catch (error) {
        return isLabError(error) ? error.code : error;
      }
    };
    expect(['//evil.example', 'models', 'http://evil.example'].map(codeOf)).toEqual(Array(3).fill('usage.invalid'));
  });
});
