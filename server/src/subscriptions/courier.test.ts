import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLabError, News } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HandClock } from '../schedules/testing/hand-clock.js';
import { mostFailures } from './backoff.js';
import { admin, NewsBench, type Received, receiver, secret } from './testing/news-bench.js';

const hourMs = 3_600_000;
const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
  return undefined;
};
const textOf = ({ body }: Pick<Received, 'body'>) => News.parse(JSON.parse(body)).data.text;

describe('telling people', () => {
  let folder: string;
  let clock: HandClock;
  let chat: Awaited<ReturnType<typeof receiver>>;
  let bench: NewsBench;
  const restart = async () => {
    await bench.stop();
    bench = await NewsBench.open(folder, clock, [chat.host]);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-news-'));
    clock = new HandClock('2026-06-01T02:00:00.000Z');
    chat = await receiver();
    bench = await NewsBench.open(folder, clock, [chat.host]);
  });
  afterEach(async () => {
    await bench.stop();
    await chat.close();
    rmSync(folder, { recursive: true });
  });

  it('[NEWS-4] a webhook gets what it asked for, signed, in order, once', async () => {
    await bench.subscriptions.create(admin, {
      name: 'chat',
      to: { kind: 'webhook', url: chat.url },
      secret,
      on: ['regression'],
    });
    await bench.tell('gate:1');
    await bench.tell('sweep:1', 'sweep-failed');
    await bench.tell('gate:1');
    await bench.tell('gate:2');
    expect(chat.received.map(textOf)).toEqual(['gate:1', 'gate:2']);
    for (const { id, timestamp, signature, body } of chat.received) {
      const key = Buffer.from(secret.slice(6), 'base64');
      expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`);
      expect(Number(timestamp)).toBe(Date.parse('2026-06-01T02:00:00Z') / 1000);
    }
    expect(News.parse(JSON.parse(chat.received[0]!.body))).toMatchObject({
      type: 'regression',
      timestamp: '2026-06-01T02:00:00.000Z',
    });
    expect((await bench.subscriptions.list({ limit: 50 })).items).toMatchObject([
      { name: 'chat', waiting: 0, failures: 0 },
    ]);
  });

  it('[NEWS-4] what does not arrive is tried again under the same id, through a restart, and nothing passes it', async () => {
    const { id } = await bench.add({ kind: 'webhook', url: chat.url });
    chat.status = 503;
    await bench.tell('gate:1');
    await bench.tell('gate:2');
    await bench.pass(6000);
    expect(await bench.subscriptions.show(id)).toMatchObject({ failures: 2, waiting: 2, lastError: 'answered 503' });
    await restart();
    expect(chat.received).toHaveLength(2);
    chat.status = 200;
    await bench.pass(35_000);
    expect(chat.received.map(textOf)).toEqual(['gate:1', 'gate:1', 'gate:1', 'gate:2']);
    expect(new Set(chat.received.slice(0, 3).map((each) => `${each.id} ${each.body}`)).size).toBe(1);
    // Each attempt is signed when it is made: a receiver refuses what is old.
    expect(new Set(chat.received.slice(0, 3).map(({ timestamp }) => timestamp)).size).toBe(3);
    expect(await bench.subscriptions.show(id)).toMatchObject({ failures: 0, waiting: 0 });
  });

  it('[NEWS-5] after too many failures it is given up with the reason; a test that arrives lets it go on', async () => {
    const { id } = await bench.add({ kind: 'webhook', url: chat.url });
    chat.status = 500;
    await bench.tell('gate:1');
    await bench.pass(30 * hourMs);
    expect(chat.received).toHaveLength(mostFailures);
    expect(await bench.subscriptions.show(id)).toMatchObject({
      disabled: { reason: expect.stringContaining('500') },
      waiting: 1,
    });
    await bench.tell('gate:2');
    await restart();
    await bench.pass(30 * hourMs);
    expect(await bench.subscriptions.test(admin, id)).toMatchObject({ delivered: false, error: 'answered 500' });
    expect(chat.received.map(textOf).slice(mostFailures)).toEqual(['a test, sent by Ana']);
    chat.status = 200;
    const test = await bench.subscriptions.test(admin, id);
    await bench.settled();
    expect([test.delivered, test.subscription.disabled]).toEqual([true, undefined]);
    // What came while it was given up was told to nobody.
    expect(chat.received.map(textOf).slice(mostFailures + 1)).toEqual(['a test, sent by Ana', 'gate:1']);
  });

  it('[NEWS-5] a receiver that is gone (410) is given up at once, and one that redirects is not followed', async () => {
    const { id } = await bench.add({ kind: 'webhook', url: chat.url });
    chat.status = 302;
    await bench.tell('gate:1');
    expect(await bench.subscriptions.show(id)).toMatchObject({ failures: 1, lastError: 'answered 302' });
    chat.status = 410;
    await bench.pass(6000);
    expect((await bench.subscriptions.show(id)).disabled).toBeDefined();
    expect(chat.received).toHaveLength(2);
  });

  it('[NEWS-3] a name is judged by what it resolves to when it is called', async () => {
    const made = await bench.add({ kind: 'webhook', url: `https://localhost:${new URL(chat.url).port}/` });
    const { delivered, error } = await bench.subscriptions.test(admin, made.id);
    expect({ delivered, error, received: chat.received }).toEqual({
      delivered: false,
      error: expect.stringContaining('HILLTOP_NEWS_HOSTS'),
      received: [],
    });
    expect(await codeOf(bench.add({ kind: 'webhook', url: 'http://169.254.169.254/' }, 'meta'))).toBe(
      'subscription.address-refused',
    );
  });

  it('[NEWS-2] the secret is shown nowhere and is not in the database', async () => {
    const made = await bench.add({ kind: 'webhook', url: chat.url });
    await bench.tell('gate:1');
    const shown = JSON.stringify([made, await bench.subscriptions.list({ limit: 50 })]);
    expect(shown).not.toMatch(/whsec|secret/);
    const files = readdirSync(folder).filter((name) => name.startsWith('hilltop.db'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) expect(readFileSync(join(folder, name)).includes(secret.slice(6))).toBe(false);
    expect([
      await codeOf(bench.subscriptions.create(admin, { name: 'bare', to: { kind: 'webhook', url: chat.url } })),
      await codeOf(bench.add({ kind: 'webhook', url: chat.url })),
    ]).toEqual(['request.invalid', 'subscription.name-taken']);
  });

  it('[NEWS-8] a folder gets one whole file per piece of news, in order of time by name', async () => {
    await bench.add({ kind: 'folder', folder: 'team/nights' });
    await bench.tell('gate:1');
    await bench.pass(hourMs);
    await bench.tell('sweep:1', 'sweep-failed');
    const at = join(folder, 'news', 'team', 'nights');
    const names = readdirSync(at);
    expect(names.map((name) => name.replace(/msg_[0-9a-z]{16}/, 'ID')).sort()).toEqual([
      '20260601T020000Z-regression-ID.json',
      '20260601T030000Z-sweep-failed-ID.json',
    ]);
    expect(names.sort().map((name) => textOf({ body: readFileSync(join(at, name), 'utf8') }))).toEqual([
      'gate:1',
      'sweep:1',
    ]);
  });

  it('[NEWS-8] no folder outside the one that the operator gave, also not through a link; one that cannot be written is tried again', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'hilltop-outside-'));
    mkdirSync(join(folder, 'news'));
    symlinkSync(outside, join(folder, 'news', 'link'));
    const add = (wish: string) => codeOf(bench.add({ kind: 'folder', folder: wish }, 'x'));
    expect([await add('../elsewhere'), await add(outside), await add('link'), await add('link/below')]).toEqual(
      Array.from({ length: 4 }, () => 'subscription.folder-refused'),
    );
    expect(readdirSync(outside)).toEqual([]);
    const { id } = await bench.add({ kind: 'folder', folder: 'nights' });
    rmSync(join(folder, 'news', 'nights'), { recursive: true });
    symlinkSync(outside, join(folder, 'news', 'nights'));
    await bench.tell('gate:1');
    expect(await bench.subscriptions.show(id)).toMatchObject({ failures: 1, waiting: 1 });
    rmSync(join(folder, 'news', 'nights'));
    await bench.pass(6000);
    expect(readdirSync(join(folder, 'news', 'nights'))).toHaveLength(1);
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  it('[NEWS-4] one that is removed is told nothing more; one that fails holds up no other', async () => {
    const { id } = await bench.add({ kind: 'webhook', url: chat.url });
    await bench.add({ kind: 'folder', folder: 'nights' }, 'files');
    chat.status = 500;
    await bench.tell('gate:1');
    expect(readdirSync(join(folder, 'news', 'nights'))).toHaveLength(1);
    await bench.subscriptions.remove(id);
    await bench.pass(hourMs);
    expect(chat.received).toHaveLength(1);
    expect(await codeOf(bench.subscriptions.remove(id))).toBe('subscription.unknown');
  });
});
