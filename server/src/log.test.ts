import { describe, expect, it } from '@jest/globals';
import { mintSecret } from './access/token-secret.js';
import { createLog } from './log.js';

const logged = (write: (log: ReturnType<typeof createLog>) => void): string => {
  let text = '';
  write(
    createLog('info', {
      write: (line) => {
        text += line;
      },
    }),
  );
  return text;
};

describe('log', () => {
  const secret = mintSecret('usr');

  it('[LAB-1] no secret gets into it, wherever it is', () => {
    const text = logged((log) => {
      log.info(`got ${secret}`);
      log.info({ headers: { Authorization: `Bearer ${secret}` }, list: [{ deep: `x ${secret} y` }] }, 'request');
      log.error({ err: new Error(`no ${secret}`) }, 'failed');
      log.info(
        { password: 'assertion', url: '/x?token=abc', signIn: 'http://lab/#code=abcdef' },
        'GET /y?code=abc HTTP',
      );
      log.child({ token: secret, agentId: 'a' }).info('child');
      log.info('joined with %s', secret);
    });
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/assertion|abc/);
    expect(text).toContain('"agentId":"a"');
  });

  it('[LAB-1] what is not secret stays', () => {
    const [line] = logged((log) => log.info({ jobId: 'job_1', n: 2, buffer: Buffer.from('abc') }, 'went well?')).split(
      '\n',
    );
    expect(JSON.parse(line!)).toMatchObject({
      level: 'info',
      jobId: 'job_1',
      n: 2,
      buffer: '3 bytes',
      msg: 'went well?',
    });
  });
});
