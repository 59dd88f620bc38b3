import { Device, isLabError, LabError, LabKey } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answer, type HttpLab, type Received, startHttpLab } from '../testing/http-lab.js';
import { LabClient } from './client.js';

let lab: HttpLab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

async function clientOf(
  answer: (request: Received, count: number) => Answer,
): Promise<{ client: LabClient; lab: HttpLab }> {
  lab = await startHttpLab(answer);
  return { client: new LabClient({ url: lab.url, token: 't', sleep: () => Promise.resolve() }), lab };
}

const key = { labId: 'lab_12345678', publicKey: 'a'.repeat(43), fingerprint: '0123456789abcdef' };
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (isLabError(error) ? error.code : String(error)),
  );

describe('LabClient', () => {
  it('[CLI-7] a problem document becomes the LabError it stands for', async () => {
    const { client } = await clientOf(() => new LabError('model.not-onnx', 'not ONNX', { at: 3 }));
    const error = await client.get('/api/v1/models', LabKey).catch((caught: unknown) => caught);
    expect(isLabError(error) && [error.code, error.message, error.details]).toEqual([
      'model.not-onnx',
      'not ONNX',
      { at: 3 },
    ]);
  });

  it('[CLI-7] repeats a POST whose answer got lost with the same idempotency key', async () => {
    const { client, lab } = await clientOf((_, count) => (count === 1 ? 'cut' : { json: key }));
    expect(await client.post('/api/v1/jobs', { a: 1 }, LabKey)).toEqual(key);
    expect(new Set(lab.received.map((request) => request.headers['idempotency-key'])).size).toBe(1);
    expect(lab.received.map((request) => request.body.toString())).toEqual(['{"a":1}', '{"a":1}']);
  });

  it('[CLI-7] never repeats bytes of an upload by itself', async () => {
    const { client, lab } = await clientOf(() => 'cut');
    expect(await codeOf(client.append('/api/v1/uploads/up_1', 0, new Uint8Array(3), LabKey))).toBe('lab.unreachable');
    expect(lab.received.length).toBe(1);
  });

  it('[CLI-7] repeats while the lab is overloaded, then says so', async () => {
    const { client, lab } = await clientOf(() => new LabError('lab.overloaded', 'later'));
    expect(await codeOf(client.get('/api/v1/lab/key', LabKey))).toBe('lab.overloaded');
    expect(lab.received.length).toBe(3);
  });

  it('[CLI-7] does not repeat a refusal', async () => {
    const { client, lab } = await clientOf(() => new LabError('auth.forbidden', 'no'));
    expect([await codeOf(client.delete('/api/v1/models/mod_12345678')), lab.received.length]).toEqual([
      'auth.forbidden',
      1,
    ]);
  });

  it('[CLI-7] follows the cursor of a list to its end', async () => {
    const { client, lab } = await clientOf((request) => ({
      json: request.query.get('cursor') ? { items: [] } : { items: [], next: 'c2' },
    }));
    expect(await client.list<Device>('/api/v1/devices', Device, { device: undefined })).toEqual([]);
    expect(lab.received.map((request) => request.query.toString())).toEqual(['', 'cursor=c2']);
  });

  it("[CLI-7] an answer that is no JSON is not a lab's", async () => {
    const client = new LabClient({
      url: 'http://lab',
      fetch: () => Promise.resolve(new Response('<html>', { status: 200 })),
    });
    expect(await codeOf(client.get('/api/v1/lab/key', LabKey))).toBe('wire.invalid');
  });
});
