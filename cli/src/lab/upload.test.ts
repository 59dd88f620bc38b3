import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLabError, LabError } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, type HttpLab, type Received, startHttpLab } from '../testing/http-lab.js';
import { LabClient } from './client.js';
import { uploadFile } from './upload.js';

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const slice = 300;

let folder: string;
let file: string;
let lab: HttpLab | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hilltop-upload-'));
  file = join(folder, 'net.onnx');
  writeFileSync(file, bytes);
});
afterEach(async () => {
  await lab?.close();
  lab = undefined;
  rmSync(folder, { recursive: true });
});

/** The lab's side of an upload; `fault` may answer in its place. */
async function uploadLab(
  fault: (request: Received, count: number, store: Buffer) => Answer | undefined,
  start = Buffer.alloc(0),
) {
  let store = start;
  const upload = () => ({
    json: {
      id: 'upl_12345678',
      sha256,
      bytes: bytes.length,
      offset: store.length,
      complete: store.length === bytes.length,
    },
  });
  lab = await startHttpLab((request, count) => {
    if (request.method === 'PATCH') {
      const offset = Number(request.headers['upload-offset']);
      if (offset !== store.length) return new LabError('upload.offset-mismatch', 'elsewhere', { offset: store.length });
      const before = fault(request, count, store);
      if (before && before !== 'cut') return before;
      // A cut in the middle: half of the slice arrived.
      store = Buffer.concat([
        store,
        before === 'cut' ? request.body.subarray(0, request.body.length / 2) : request.body,
      ]);
      if (before === 'cut') return 'cut';
    }
    return upload();
  });
  return {
    client: new LabClient({ url: lab.url, sleep: () => Promise.resolve() }),
    stored: () => store,
    received: lab.received,
  };
}

const options = { slice, sleep: () => Promise.resolve() };

describe('uploadFile', () => {
  it('[CLI-8] sends a file in slices and returns its SHA-256', async () => {
    const { client, stored, received } = await uploadLab(() => undefined);
    const seen: number[] = [];
    expect(await uploadFile(client, file, { ...options, onProgress: ({ sent }) => seen.push(sent) })).toBe(sha256);
    expect(stored()).toEqual(bytes);
    expect(JSON.parse(received[0]!.body.toString())).toEqual({ sha256, bytes: 1000, name: 'net.onnx' });
    expect(seen).toEqual([0, 300, 600, 900, 1000]);
  });

  it('[CLI-8] sends nothing that the lab already has', async () => {
    const { client, received } = await uploadLab(() => undefined, bytes);
    await uploadFile(client, file, options);
    expect(received.map((request) => request.method)).toEqual(['POST']);
  });

  it('[CLI-8] goes on in the middle of a slice after a cut', async () => {
    let cuts = 0;
    const { client, stored, received } = await uploadLab((_, count) =>
      count === 3 && cuts++ === 0 ? 'cut' : undefined,
    );
    await uploadFile(client, file, options);
    expect(stored()).toEqual(bytes);
    expect(
      received.filter((request) => request.method === 'PATCH').map((request) => request.headers['upload-offset']),
    ).toEqual(['0', '300', '450', '750']);
  });

  it('[CLI-8] gives up when nothing gets through any more', async () => {
    const { client } = await uploadLab(() => new LabError('lab.overloaded', 'later'));
    const error = await uploadFile(client, file, options).catch((caught: unknown) => caught);
    expect(isLabError(error, 'lab.overloaded')).toBe(true);
  });

  it('[CLI-8] passes on that the bytes did not match', async () => {
    const { client } = await uploadLab((request) =>
      request.headers['upload-offset'] === '900' ? new LabError('upload.hash-mismatch', 'other bytes') : undefined,
    );
    const error = await uploadFile(client, file, options).catch((caught: unknown) => caught);
    expect(isLabError(error, 'upload.hash-mismatch')).toBe(true);
  });

  it('[CLI-2] a file that is not there is wrong use', async () => {
    const { client } = await uploadLab(() => undefined);
    const error = await uploadFile(client, join(folder, 'none.onnx'), options).catch((caught: unknown) => caught);
    expect(isLabError(error, 'usage.invalid')).toBe(true);
  });
});
