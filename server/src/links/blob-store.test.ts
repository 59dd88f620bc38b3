import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BlobStore } from './blob-store.js';

const hello = createHash('sha256').update('hello').digest('hex');
const limit = { maxBytes: 100 };

describe('blob store', () => {
  let folder: string;
  let blobs: BlobStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-blobs-'));
    blobs = new BlobStore(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const leftovers = () => readdirSync(join(folder, 'blobs', 'tmp'));

  it('[UPL-7] a blob is named by what is in it', async () => {
    expect(await blobs.put(Readable.from([Buffer.from('hel'), Buffer.from('lo')]), limit)).toEqual({
      sha256: hello,
      bytes: 5,
    });
    expect(await blobs.put(Buffer.from('hello'), { ...limit, sha256: hello })).toEqual({ sha256: hello, bytes: 5 });
    expect(blobs.path(hello)).toBe(join(folder, 'blobs', hello.slice(0, 2), hello));
    expect([blobs.has(hello), blobs.bytes(hello), (await blobs.read(hello)).toString()]).toEqual([true, 5, 'hello']);
    expect(await text(blobs.open(hello, { start: 1, end: 3 }))).toBe('ell');
    await blobs.remove(hello);
    expect([blobs.has(hello), leftovers()]).toEqual([false, []]);
  });

  it('[UPL-7] what the disk took in part is finished before it counts', async () => {
    const probe = await open(folder, 'r');
    await probe.close();
    const handles = Object.getPrototypeOf(probe) as { write: (...args: unknown[]) => Promise<unknown> };
    const write = handles.write;
    jest.spyOn(handles, 'write').mockImplementation(function (this: unknown, bytes) {
      return write.call(this, bytes, 0, 3);
    });
    await blobs.put(Buffer.from('hello'), limit);
    jest.restoreAllMocks();
    expect((await blobs.read(hello)).toString()).toBe('hello');
  });

  it('[UPL-7] what is asked for again counts as stored again', async () => {
    await blobs.put(Buffer.from('hello'), limit);
    utimesSync(blobs.path(hello), 1, 1);
    expect(await blobs.renew(hello)).toBe(true);
    const old: string[] = [];
    for await (const sha256 of blobs.olderThan(Date.now() - 60_000)) old.push(sha256);
    expect(old).toEqual([]);
    await blobs.remove(hello);
    expect(await blobs.renew(hello)).toBe(false);
  });

  it('[UPL-7] what is wrong, too large or broken off leaves nothing', async () => {
    await expect(blobs.put(Buffer.from('other'), { ...limit, sha256: hello })).rejects.toMatchObject({
      code: 'upload.hash-mismatch',
    });
    await expect(blobs.put(Buffer.alloc(101), limit)).rejects.toMatchObject({ code: 'upload.too-large' });
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('hel');
        throw new Error('cut');
      })(),
    );
    await expect(blobs.put(broken, limit)).rejects.toThrow('cut');
    expect([blobs.has(hello), leftovers()]).toEqual([false, []]);
  });

  it('[UPL-7] what is not there is blob.missing, and a name that is none is refused', async () => {
    expect(() => blobs.open(hello)).toThrow(expect.objectContaining({ code: 'blob.missing' }));
    await expect(blobs.read(hello)).rejects.toMatchObject({ code: 'blob.missing' });
    expect(() => blobs.path('../../etc/passwd')).toThrow();
  });

  it('[UPL-7] leftovers of an earlier process are swept', () => {
    writeFileSync(join(folder, 'blobs', 'tmp', 'tmp_x'), 'half');
    new BlobStore(folder);
    expect(leftovers()).toEqual([]);
  });
});
