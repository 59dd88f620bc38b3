import { readFileSync } from 'node:fs';
import { LabError } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, startLab, type TestLab } from '../support/lab.js';
import { f32, i64, type NpyArray, npz, u8 } from '../support/npz.js';
import * as onnx from '../support/onnx.js';

/** Code of the refusal; the answer itself when there was none, so that a failing test shows it. */
async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
}

describe('bad input', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab({ env: { HILLTOP_LIMIT_UPLOAD_BYTES: String(8 * 1024 * 1024) } });
    await lab.pushSample();
  }, 120_000);
  afterAll(() => lab.stop());

  const sample = readFileSync(example('models/fashion-resnet-micro.onnx'));
  const models: [string, Buffer, string][] = [
    ['text', Buffer.from('this is not a model'), 'model.not-onnx'],
    ['noise', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) & 255)), 'model.not-onnx'],
    ['truncated', sample.subarray(0, sample.length - 1000), 'model.truncated'],
    ['tensor data shorter than its shape', onnx.shortTensor(), 'model.tensor-size'],
    ['external data, upwards', onnx.external('../secret'), 'model.external-data'],
    ['external data, absolute', onnx.external('/etc/passwd'), 'model.external-data'],
    ['external data, beside', onnx.external('weights.bin'), 'model.external-data'],
    ['an op that ONNX Runtime lacks', onnx.unknownOp(), 'model.op-unsupported'],
    ['a foreign operator domain', onnx.evilDomain(), 'model.op-domain'],
  ];
  it.each(models)(
    '[MODEL-20] a model that is %s is refused',
    async (_, bytes, code) => {
      expect(await codeOf(lab.push('bad', { model: bytes }))).toBe(code);
    },
    60_000,
  );

  const images = u8([4, 1, 28, 28]);
  const data: [string, Buffer, string][] = [
    ['no zip', Buffer.from('PK but not really'), 'data.not-npz'],
    ['the wrong shape', npz({ x: u8([4, 3, 28, 28]), y: i64([0, 1, 2, 3]) }), 'data.shape-mismatch'],
    ['labels of another length', npz({ x: images, y: i64([0, 1]) }), 'data.shape-mismatch'],
    ['a label beyond the classes', npz({ x: images, y: i64([0, 1, 2, 10]) }), 'data.label-range'],
    [
      'pickled objects',
      npz({ x: { dtype: '|O', shape: [4], data: new Uint8Array(32) } as NpyArray, y: i64([0, 1, 2, 3]) }),
      'data.dtype',
    ],
    ['a bomb: 64 MB of zeros', npz({ x: u8([81920, 1, 28, 28], () => 0) }), 'data.bomb'],
    [
      'a lie about its size',
      npz({ x: images, y: i64([0, 1, 2, 3]) }, (name) => (name === 'x' ? 100 : undefined)),
      'data.bomb',
    ],
    ['prototype names', npz({ __proto__x: images, y: i64([0, 1, 2, 3]), x_scale: f32(1) }), 'data.not-npz'],
  ];
  it.each(data)(
    '[DATA-20] an evaluation set with %s is refused',
    async (_, bytes, code) => {
      expect(await codeOf(lab.push('bad', { model: sample, evaluation: bytes }))).toBe(code);
    },
    60_000,
  );

  it('[UPL-20] an upload over the limit, a wrong SHA-256, a wrong offset are refused', async () => {
    expect(await codeOf(lab.api('POST', '/uploads', { sha256: '0'.repeat(64), bytes: 9 * 1024 * 1024 }))).toBe(
      'upload.too-large',
    );
    const upload = await lab.api<{ id: string }>('POST', '/uploads', { sha256: '0'.repeat(64), bytes: 4 });
    const patch = async (bytes: Uint8Array, offset: string): Promise<unknown> =>
      (
        (await (
          await lab.raw('PATCH', `/api/v1/uploads/${upload.id}`, { bytes, headers: { 'upload-offset': offset } })
        ).json()) as { code?: string }
      ).code;
    expect(await patch(Buffer.from('abcd'), '2')).toBe('upload.offset-mismatch');
    expect(await patch(Buffer.from('abcd'), '0')).toBe('upload.hash-mismatch');
    expect(await codeOf(lab.api('POST', '/models', { name: 'x', model: '0'.repeat(64) }))).toBe('blob.missing');
  });

  it('[JOB-22] unknown recipe, model, device and parameter are refused by name', async () => {
    expect(await codeOf(lab.api('POST', '/jobs', { model: 'sample', recipes: ['nope'] }))).toBe('recipe.unknown');
    expect(await codeOf(lab.api('POST', '/jobs', { model: 'nope', recipes: ['fp32'] }))).toBe('request.not-found');
    expect(await codeOf(lab.api('POST', '/jobs', { model: 'sample', recipes: ['fp32'] }))).toBe('device.none-match');
    expect(await codeOf(lab.api('POST', '/jobs', { model: 'sample', recipes: ['fp32'], protocl: 'quick' }))).toBe(
      'request.invalid',
    );
    const recipe = {
      name: 'mine',
      title: 't',
      description: 'd',
      steps: [{ pass: 'quantize-weights', parameters: { bitz: 8 } }],
    };
    expect(await codeOf(lab.api('POST', '/recipes', recipe))).toBe('recipe.parameter');
  });

  it('[HTTP-20] a filter that is no string harms nobody', async () => {
    for (const path of [
      '/models?name[x]=1',
      '/devices?name[x]=1',
      '/runs?job[x]=1&state[]=2',
      '/frontier?model[x]=1',
      '/models/__proto__',
      '/runs?limit=1e9',
      '/runs?cursor=%00',
    ]) {
      const response = await lab.raw('GET', `/api/v1${path}`);
      expect([path, response.status < 500]).toEqual([path, true]);
    }
  });

  it('[AUTH-20] no token, a mistyped, an unknown one and a foreign host are turned away', async () => {
    const code = async (token: string, headers: Record<string, string> = {}): Promise<unknown> =>
      ((await (await lab.raw('GET', '/api/v1/devices', { token, headers })).json()) as { code?: string }).code;
    expect(await code('')).toBe('auth.missing');
    expect(await code('hlt_usr_nonsense')).toBe('auth.malformed');
    expect(await code(lab.token.slice(0, -1) + (lab.token.endsWith('A') ? 'B' : 'A'))).toBe('auth.malformed');
  });

  it('[LAB-20] and nothing is broken or half-written after all that', async () => {
    const list = await lab.api<{ items: { name: string }[] }>('GET', '/models');
    expect(list.items.map((m) => m.name)).toEqual(['sample']);
    expect((await lab.raw('GET', '/healthz')).status).toBe(200);
    expect((await lab.raw('GET', '/readyz')).status).toBe(200);
  });
});
