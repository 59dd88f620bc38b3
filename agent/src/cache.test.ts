import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cache } from './cache.js';

let folder: string;
let time = 0;
const name = (letter: string): string => letter.repeat(64);
const open = (limit: number) => Cache.open(folder, limit, () => (time += 1000));

async function add(cache: Cache, letter: string, bytes = 10): Promise<void> {
  await writeFile(cache.partialPath(name(letter)), new Uint8Array(bytes));
  await cache.adopt(name(letter), bytes);
}
const has = async (cache: Cache): Promise<string> => {
  let out = '';
  for (const letter of 'abcdef') if (await cache.get(name(letter))) out += letter;
  return out;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hilltop-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('Cache', () => {
  it('[FETCH-5] drops the least recently used first', async () => {
    const cache = await open(30);
    for (const letter of 'abc') await add(cache, letter);
    await cache.get(name('a'));
    await add(cache, 'd');
    expect([await has(cache), cache.count, cache.bytes]).toEqual(['acd', 3, 30]);
  });

  it('[FETCH-5] keeps what a held run needs, also over the limit', async () => {
    const cache = await open(20);
    await add(cache, 'a');
    const unpin = cache.pin(name('a'));
    await add(cache, 'b', 20);
    expect(await has(cache)).toBe('ab');
    unpin();
    await add(cache, 'c');
    expect(await has(cache)).toBe('c');
  });

  it('[FETCH-5] a blob that somebody removed is not here any more', async () => {
    const cache = await open(30);
    await add(cache, 'a');
    await rm(cache.path(name('a')));
    expect([await cache.get(name('a')), cache.count]).toEqual([undefined, 0]);
  });

  it('remembers the order across restarts', async () => {
    const first = await open(30);
    for (const letter of 'abc') await add(first, letter);
    for (const letter of 'bca') await first.get(name(letter));
    const second = await open(30);
    await add(second, 'd');
    expect(await has(second)).toBe('acd');
  });
});
