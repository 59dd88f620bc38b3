import { InvitationCreate } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { shareHours, shareLink } from './share-link.js';

describe('the link of an invitation', () => {
  it('[GUEST-1] has the address others reach, the view and the code behind it', () => {
    const path = '/models/net?x=size_bytes';
    expect(shareLink('http://127.0.0.1:7070', ['http://127.0.0.1:7070', 'http://lab:7070/'], path, 'abc')).toBe(
      'http://lab:7070/models/net?x=size_bytes#guest=abc',
    );
    expect(shareLink('https://lab.example', ['http://127.0.0.1:7070'], '/', 'abc')).toBe(
      'https://lab.example/#guest=abc',
    );
  });

  it('[GUEST-5] every time that is offered is one the lab takes', () => {
    for (const [expiresInHours] of shareHours)
      expect(InvitationCreate.safeParse({ expiresInHours }).success).toBe(true);
  });
});
