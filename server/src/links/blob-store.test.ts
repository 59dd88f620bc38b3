import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
