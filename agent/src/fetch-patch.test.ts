import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunkBytes, patchSegmentBytes } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Encoder } from '@toondepauw/node-zstd';
import { Cache } from './cache.js';
import { frames, PatchLab, patchOf, sha256 } from './testing/patch-lab.js';

const base = randomBytes(patchSegmentBytes + 3000);
/** Six bytes inserted near the front, a byte changed here and there. */
const sibling = Buffer.concat([base.subarray(0, 77), Buffer.from('longer'), base.subarray(77)]);
for (let i = 0; i < sibling.length; i += 50_000) sibling[i]! ^= 1;
/** The one as the difference to the other. */
const good = patchOf(sibling, base);
const chunks = Math.ceil(sibling.length / chunkBytes);

let folder: string;
let cache: Cache;
let lab: PatchLab;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hilltop-patch-'));
  cache = await Cache.open(folder, 1e9);
  await keep(base);
  lab = new PatchLab(cache, sibling);
});
afterEach(() => rm(folder, { recursive: true }));

async function keep(blob: Uint8Array): Promise<void> {
  await writeFile(cache.partialPath(sha256(blob)), blob);
  await cache.adopt(sha256(blob), blob.length);
}

async function isWhole(path: string): Promise<boolean> {
  return (await readFile(path)).equals(sibling);
}

describe('a fetch with a patch', () => {
  it('[FETCH-8] gets an artifact as its difference to one in the cache, and counts what went over the wire', async () => {
    lab.offers(good, sha256(base));
    const { path, transferBytes } = await lab.get();
    expect(await isWhole(path)).toBe(true);
    expect([lab.asked, transferBytes]).toEqual([['patch 0'], 100 + 100 + good.length + 100]);
    expect(transferBytes).toBeLessThan(sibling.length / 100);
    expect([lab.infos, lab.warnings]).toEqual([['fetched as a patch'], []]);
    // Nothing of it stays behind.
    expect(cache.newest(9)).toEqual([sha256(sibling), sha256(base)]);
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
  });

  it.each([3, 16, 19])('[FETCH-8] undoes level %i', async (level) => {
    const short = sibling.subarray(0, 300_000);
    const other = new PatchLab(cache, short);
    other.offers(patchOf(short, base.subarray(0, 200_000), level), sha256(base.subarray(0, 200_000)));
    await keep(base.subarray(0, 200_000));
    expect((await readFile((await other.get()).path)).equals(short)).toBe(true);
    expect(other.askedOf('artifact')).toEqual([]);
  });

  it('[FETCH-8] gets one that is packed well all by itself', async () => {
    const plain = new Uint8Array(2 * patchSegmentBytes + 5).map((_, i) => (i * i) >> 8);
    const alone = new PatchLab(cache, plain);
    alone.offers(patchOf(plain));
    expect((await readFile((await alone.get()).path)).equals(plain)).toBe(true);
    expect(alone.askedOf('artifact')).toEqual([]);
  });

  it('[FETCH-8] names what it has, newest first and sixteen at most, never what it wants', async () => {
    const blobs = Array.from({ length: 20 }, (_, i) => Buffer.from(`blob ${i}`));
    for (const blob of blobs) await keep(blob);
    await lab.get();
    expect(lab.requests.map((request) => request.bases)).toEqual([blobs.slice(4).reverse().map(sha256)]);
  });

  it('[FETCH-8] says nothing of it to a lab that has not said it understands, before or after a cut', async () => {
    lab.fetcher.patches = false;
    lab.offers(good, sha256(base));
    expect(await isWhole((await lab.get()).path)).toBe(true);
    expect(lab.requests.map((request) => 'bases' in request)).toEqual([false]);
    await cache.drop(sha256(sibling));

    // The request is lost with the link; who answers after it is an older lab, which would not read one with bases.
    lab.requests.length = 0;
    lab.fetcher.patches = true;
    lab.onRequest = (request) => !('bases' in request);
    const got = lab.get();
    await asked(() => lab.requests.length === 1);
    lab.fetcher.patches = false;
    lab.fetcher.resume();
    expect(await isWhole((await got).path)).toBe(true);
    expect(lab.requests.map((request) => 'bases' in request)).toEqual([true, false]);
  });

  it.each<[string, () => Promise<void> | void, string]>([
    ['a base that rotted', () => writeFile(cache.path(sha256(base)), randomBytes(base.length)), 'damaged'],
    ['a base that somebody removed', () => rm(cache.path(sha256(base))), 'not in the cache any more'],
    ['a patch that is noise', () => lab.offers(randomBytes(9000), sha256(base)), 'too long'],
    ['a patch cut short', () => lab.offers(good.subarray(0, -9), sha256(base)), 'ends too early'],
    ['a patch that goes on', () => lab.offers(Buffer.concat([good, Buffer.alloc(9)]), sha256(base)), 'goes on'],
    [
      'a patch that would inflate to a gigabyte',
      () => lab.offers(frames([new Encoder(3).encodeSync(Buffer.alloc(1 << 28)), ...Array(1).fill(Buffer.alloc(0))])),
      'not a zstd frame of the size',
    ],
    ['a patch that the lab has no more', () => void lab.blobs.delete(lab.offer!.sha256), 'gone'],
    ['a patch shorter than was said', () => void lab.blobs.set(lab.offer!.sha256, new Uint8Array(5)), 'does not fit'],
  ])('[FETCH-9] %s: what is not right is fetched, and the log says why', async (_, spoil, why) => {
    lab.offers(good, sha256(base));
    await spoil();
    expect(await isWhole((await lab.get()).path)).toBe(true);
    expect(lab.warnings).toEqual([expect.stringContaining('could not be used')]);
    expect(lab.warnings[0]).toContain(why);
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
  });

  it('[FETCH-9] a patch that was made from other bytes than the base has never becomes the artifact', async () => {
    const turned = Buffer.concat([base.subarray(base.length / 2), base.subarray(0, base.length / 2)]);
    const patch = patchOf(sibling, turned);
    expect(patch.length).toBeLessThan(sibling.length / 100);
    lab.offers(patch, sha256(base));
    expect(await isWhole((await lab.get()).path)).toBe(true);
    expect(lab.askedOf('artifact').length).toBeGreaterThan(chunks / 2);
  });

  it('[FETCH-9] of a patch that makes other bytes in one place only that place is fetched', async () => {
    const wrong = Buffer.from(sibling);
    wrong[2 * chunkBytes + 9]! ^= 1;
    lab.offers(patchOf(wrong, base), sha256(base));
    expect(await isWhole((await lab.get()).path)).toBe(true);
    expect(lab.askedOf('artifact')).toEqual([2]);
  });

  it('[FETCH-9] never asks for a patch that claims too much, refers to what was not named, or bears a taken name', async () => {
    lab.blobs.set(sha256(good), good);
    for (const offer of [
      { sha256: sha256(good), bytes: 10_000_000_000, base: sha256(base) },
      { sha256: sha256(good), bytes: good.length, base: 'f'.repeat(64) },
      { sha256: sha256(sibling), bytes: good.length },
      { sha256: sha256(base), bytes: good.length },
    ]) {
      lab.offer = offer;
      expect(await isWhole((await lab.get()).path)).toBe(true);
      await cache.drop(sha256(sibling));
    }
    expect([lab.askedOf('patch'), lab.warnings]).toEqual([[], Array(4).fill(expect.stringMatching(/not (be )?used/))]);
    expect(cache.newest(9)).toEqual([sha256(base)]);
  });

  it('[FETCH-9] keeps a base that is needed, also when the cache is over its limit', async () => {
    cache = await Cache.open(folder, base.length);
    lab = new PatchLab(cache, sibling);
    lab.offers(good, sha256(base));
    expect(await isWhole((await lab.get()).path)).toBe(true);
    expect([lab.askedOf('artifact'), lab.warnings]).toEqual([[], []]);
  });

  describe('that is cut', () => {
    /** Much of it new, so that the patch has seven chunks. */
    const half = Buffer.concat([base, randomBytes(6.5 * chunkBytes)]);
    const halfChunks = Array.from({ length: Math.ceil(half.length / chunkBytes) }, (_, i) => i);
    const patch = patchOf(half, base);
    const patchChunks = Math.ceil(patch.length / chunkBytes);
    beforeEach(() => {
      lab = new PatchLab(cache, half);
      lab.offers(patch, sha256(base));
      lab.onChunk = (what) => {
        if (what === 'patch 4') lab.up = false;
        return true;
      };
    });
    /** The first four chunks of the patch are here. */
    const atTheCut = () => asked(() => lab.fetchedBytes >= Math.floor(((4 * chunkBytes) / patch.length) * half.length));

    it('[FETCH-10] goes on with what is missing of the patch when the link is back', async () => {
      const got = lab.get();
      await atTheCut();
      lab.silence();
      lab.onChunk = () => true;
      lab.up = true;
      lab.fetcher.resume();
      expect((await readFile((await got).path)).equals(half)).toBe(true);
      expect(lab.askedOf('artifact')).toEqual([]);
      expect(lab.askedOf('patch').filter((i) => i < 4)).toEqual([0, 1, 2, 3]);
    });

    it('[FETCH-10] goes on with it after a restart of the agent', async () => {
      const abort = new AbortController();
      const got = lab.get(lab.fetcher, abort.signal);
      await atTheCut();
      abort.abort(new Error('the agent stops'));
      await expect(got).rejects.toThrow('the agent stops');
      lab.onChunk = () => true;
      lab.up = true;
      lab.asked.length = 0;
      const again = lab.newFetcher();
      again.patches = true;
      expect((await readFile((await lab.get(again)).path)).equals(half)).toBe(true);
      expect(lab.asked).toEqual(halfChunks.slice(4, patchChunks).map((i) => `patch ${i}`));
    });

    it('[FETCH-10] gives it up at once when the lab has it no more, for the whole', async () => {
      const got = lab.get();
      await atTheCut();
      lab.onChunk = () => true;
      lab.blobs.delete(sha256(patch));
      lab.up = true;
      lab.fetcher.resume();
      expect((await readFile((await got).path)).equals(half)).toBe(true);
      expect(lab.warnings).toEqual([expect.stringContaining('gone')]);
      expect(lab.askedOf('artifact')).toEqual(halfChunks);
    });

    it('[FETCH-10] gives it up after seven silences, for the whole', async () => {
      lab.onChunk = (what) => what.startsWith('artifact');
      const got = lab.get();
      for (let i = 0; i < 7; i++) {
        const sofar = lab.asked.length;
        await asked(() => lab.asked.length > sofar || lab.asked.length >= 4);
        lab.silence();
      }
      expect((await readFile((await got).path)).equals(half)).toBe(true);
      expect(lab.warnings).toEqual([expect.stringContaining('stopped sending')]);
    });
  });
});

/** Resolves when it is so; looks after each turn of the event loop. */
async function asked(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setImmediate(resolve));
}
