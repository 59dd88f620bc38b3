import { describe, expect, it } from '@jest/globals';
import { joinCommand, joinOrigin } from './join-command.js';

describe('join command', () => {
  it('[DASH-13] the line carries an address that another machine can use, where the lab has one', () => {
    expect(joinOrigin('http://localhost:7070', ['http://127.0.0.1:7070', 'http://lab:7070'])).toBe('http://lab:7070');
    expect(joinOrigin('http://10.0.0.5:7070', ['http://lab:7070'])).toBe('http://10.0.0.5:7070');
    expect(joinOrigin('http://127.0.0.1:7070', ['http://127.0.0.1:7070'])).toBe('http://127.0.0.1:7070');
    expect(joinCommand('http://lab:7070/', '/agent.tgz', 'hlt_join_x')).toBe(
      'npm install -g http://lab:7070/agent.tgz && hilltop-agent http://lab:7070 --token hlt_join_x',
    );
  });
});
