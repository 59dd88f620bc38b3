import { generateKeyPairSync } from 'node:crypto';
import { isLabError, WebhookSecret } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { AddressPolicy } from './address-policy.js';
import { mostFailures, waitAfter } from './backoff.js';
import { seal, unseal } from './sealed-secret.js';
import { webhookHeaders } from './webhook-signature.js';

const codeOf = (work: () => void) => {
  try {
    work();
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
  return undefined;
};

describe('webhooks', () => {
  it('[NEWS-1] are signed as Standard Webhooks does: its own example', () => {
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    expect(
      webhookHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', id, 1_614_265_330_000, '{"test": 2432232314}'),
    ).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('[NEWS-2] a secret is 24 to 64 bytes, is sealed with the lab key, and opens with no other', () => {
    const bytes = (n: number) => `whsec_${Buffer.alloc(n, 7).toString('base64')}`;
    expect([23, 24, 64, 66].map((n) => WebhookSecret.safeParse(bytes(n)).success)).toEqual([false, true, true, false]);
    expect(WebhookSecret.safeParse('hunter2').success).toBe(false);
    const [mine, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const sealed = seal(mine.privateKey, bytes(24));
    expect(unseal(mine.privateKey, sealed)).toBe(bytes(24));
    expect(sealed).not.toContain(bytes(24).slice(6, 20));
    expect(() => unseal(other.privateKey, sealed)).toThrow();
    expect(() => unseal(mine.privateKey, `${sealed.slice(0, -2)}AA`)).toThrow();
  });

  it('[NEWS-3] go by https, to no address of this machine, of a link or of a metadata service, however it is written', () => {
    const policy = new AddressPolicy([]);
    const check = (url: string) => codeOf(() => policy.checkUrl(new URL(url)));
    const bad = [
      'http://chat.example/hook',
      'https://ana:secret@chat.example/hook',
      'https://127.0.0.1/',
      'https://127.1/',
      'https://2130706433/',
      'https://0x7f.0.0.1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://[64:ff9b::7f00:1]/',
      'https://0.0.0.0/',
      'https://169.254.169.254/latest/meta-data',
      'https://[::ffff:a9fe:a9fe]/',
      'https://[fd00:ec2::254]/',
      'https://[fe80::1]/',
      'https://[::]/',
      'https://100.100.100.200/',
      'https://224.0.0.1/',
      'https://255.255.255.255/',
    ];
    expect(bad.filter((url) => check(url) !== 'subscription.address-refused')).toEqual([]);
    expect(['https://chat.example/hook', 'https://10.0.0.8/hook', 'https://[2001:db8::1]/'].map(check)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('[NEWS-3] a host that the operator named may be reached by http and on this machine, never on a link', () => {
    const policy = new AddressPolicy(['127.0.0.1:9000', 'chat.lan', '169.254.169.254']);
    const check = (url: string) => codeOf(() => policy.checkUrl(new URL(url)));
    expect(['http://127.0.0.1:9000/', 'http://chat.lan/', 'https://CHAT.lan:8443/'].map(check)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(['http://127.0.0.1:9001/', 'http://169.254.169.254/'].map(check)).toEqual([
      'subscription.address-refused',
      'subscription.address-refused',
    ]);
    const local = new URL('https://elsewhere.example/');
    expect([
      codeOf(() => policy.checkAddress(local, '127.0.0.1')),
      codeOf(() => policy.checkAddress(new URL('http://chat.lan/'), '127.0.0.1')),
      codeOf(() => policy.checkAddress(new URL('http://chat.lan/'), '169.254.169.254')),
    ]).toEqual(['subscription.address-refused', undefined, 'subscription.address-refused']);
  });

  it('[NEWS-5] attempts come later and later, over about a day, and never all at once', () => {
    const waits = Array.from({ length: mostFailures - 1 }, (_, i) => waitAfter(i + 1, () => 0));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits[0]).toBe(5000);
    const hours = waits.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(30);
    expect(waitAfter(1, () => 1)).toBeGreaterThan(waitAfter(1, () => 0));
  });
});
