import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Upload } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BlobStore } from '../links/blob-store.js';
import { startLab, type TestLab } from '../testing/start-lab.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('uploads', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab({ env: { HILLTOP_LIMIT_UPLOAD_BYTES: '1000000' } });
  });
  afterAll(() => lab.close());

  const begin = async (bytes: Uint8Array, hash = sha256(bytes)) =>
    (await lab.call('POST', '/api/v1/uploads', { sha256: hash, bytes: bytes.length })).body as Upload;
  const patch = async (id: string, offset: number | string, bytes: Uint8Array): Promise<Record<string, unknown>> => {
    const response = await fetch(`${lab.url}/api/v1/uploads/${id}`, {
      method: 'PATCH',
      body: Buffer.from(bytes),
      headers: { authorization: `Bearer ${lab.adminToken}`, 'upload-offset': String(offset) },
    });
    return (await response.json()) as Record<string, unknown>;
  };

  it('[UPL-1] pieces in order become a blob', async () => {
    const bytes = randomBytes(300_000);
    const { id } = await begin(bytes);
    expect(await patch(id, 0, bytes.subarray(0, 100_000))).toMatchObject({ offset: 100_000, complete: false });
    expect(await patch(id, 100_000, bytes.subarray(100_000))).toEqual({
      id,
      sha256: sha256(bytes),
      bytes: 300_000,
      offset: 300_000,
      complete: true,
    });
    expect(await lab.app.get(BlobStore).read(sha256(bytes))).toEqual(bytes);
    expect(readdirSync(join(lab.dataDir, 'uploads'))).not.toContain(id);
    expect(await begin(bytes)).toMatchObject({ complete: true, offset: 300_000 });
  });

  it('[UPL-2] one that a stop cut between its last byte and its end is ended when it is asked for', async () => {
    const bytes = randomBytes(1000);
    const { id } = await begin(bytes);
    writeFileSync(join(lab.dataDir, 'uploads', id), bytes);
    expect(await begin(bytes)).toMatchObject({ id, offset: 1000, complete: true });
    expect(await lab.app.get(BlobStore).read(sha256(bytes))).toEqual(bytes);
  });

  it('[UPL-2] after a cut it goes on where it broke off', async () => {
    const bytes = randomBytes(400_000);
    const { id } = await begin(bytes);
    const cut = request(`${lab.url}/api/v1/uploads/${id}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${lab.adminToken}`,
        'upload-offset': '0',
        'content-length': String(bytes.length),
      },
    });
    cut.on('error', () => undefined);
    const closed = new Promise((resolve) => cut.once('close', resolve));
    cut.write(bytes.subarray(0, 150_000), () => cut.destroy());
    await closed;
    // Meanwhile the lab may still be writing what came: whoever asks and is told a smaller number simply goes on there.
    let upload = await begin(bytes);
    while (!upload.complete) {
      const answer = await patch(id, upload.offset, bytes.subarray(upload.offset));
      upload = answer.code === 'upload.offset-mismatch' ? await begin(bytes) : (answer as unknown as Upload);
    }
    expect(upload).toMatchObject({ id, complete: true });
    expect(await lab.app.get(BlobStore).read(sha256(bytes))).toEqual(bytes);
  });

  it('[UPL-3] a wrong offset says the right one', async () => {
    const bytes = randomBytes(1000);
    const { id } = await begin(bytes);
    await patch(id, 0, bytes.subarray(0, 10));
    expect(await patch(id, 0, bytes)).toMatchObject({
      code: 'upload.offset-mismatch',
      status: 409,
      details: { offset: 10 },
    });
    expect(await patch(id, 'x', bytes)).toMatchObject({ code: 'request.invalid' });
    const head = await fetch(`${lab.url}/api/v1/uploads/${id}`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${lab.adminToken}` },
    });
    expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '10']);
  });

  it('[UPL-4] other bytes than announced are refused, dropped, and can be sent again', async () => {
    const bytes = randomBytes(1000);
    const { id } = await begin(bytes);
    expect(await patch(id, 0, randomBytes(1000))).toMatchObject({ code: 'upload.hash-mismatch', status: 422 });
    expect(lab.app.get(BlobStore).has(sha256(bytes))).toBe(false);
    expect(await patch(id, 0, bytes)).toMatchObject({ complete: true });
  });

  it('[UPL-5] nothing over the limit, announced or sent', async () => {
    const hash = sha256(new Uint8Array());
    expect((await lab.call('POST', '/api/v1/uploads', { sha256: hash, bytes: 1_000_001 })).body).toMatchObject({
      code: 'upload.too-large',
      status: 413,
    });
    const bytes = randomBytes(1000);
    const { id } = await begin(bytes);
    await patch(id, 0, bytes.subarray(0, 500));
    expect(await patch(id, 500, randomBytes(501))).toMatchObject({ code: 'upload.too-large' });
    expect((await lab.call('GET', `/api/v1/uploads/${id}`)).body).toMatchObject({ offset: 500, complete: false });
  });

  it('[UPL-6] only operators upload, and nobody outside the folder', async () => {
    const { secret } = await lab.createToken({ kind: 'svc', role: 'viewer' });
    const wish = { sha256: sha256(randomBytes(4)), bytes: 4 };
    expect((await lab.call('POST', '/api/v1/uploads', wish, { authorization: `Bearer ${secret}` })).body).toMatchObject(
      { code: 'auth.forbidden' },
    );
    expect(await patch('..%2f..%2fhilltop.db', 0, randomBytes(4))).toMatchObject({ code: 'request.invalid' });
    expect(await patch('upl_0123456789abcdef', 0, randomBytes(4))).toMatchObject({ code: 'request.not-found' });
  });
});
