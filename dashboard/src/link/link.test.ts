import { createHash } from 'node:crypto';
import { LabError, problemOf, type Upload } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { createRest } from './rest.js';
import { ServerClock } from './server-clock.js';
import { codeOf, createSessionStore, tokenKey } from './session-store.js';
import { type UploadProgress, uploadFile } from './upload-file.js';

describe('upload', () => {
  const bytes = Uint8Array.from({ length: 9_000_000 }, (_, i) => i % 251);
  const digest = createHash('sha256').update(bytes).digest('hex');

  function lab(answers: readonly (LabError | 'take' | 'take and lose the answer')[], start = 0) {
    const sent: number[] = [];
    const upload: Upload = {
      id: 'upl_aaaaaaaa1',
      sha256: digest,
      bytes: bytes.length,
      offset: start,
      complete: start === bytes.length,
    };
    const left = [...answers];
    const api = {
      createUpload: async () => ({ ...upload }),
      upload: async () => ({ ...upload }),
      appendUpload: async (_id: string, offset: number, part: Blob) => {
        const answer = left.shift() ?? 'take';
        if (answer instanceof LabError) throw answer;
        if (offset !== upload.offset) throw new LabError('upload.offset-mismatch', 'go on where it is');
        sent.push(part.size);
        upload.offset += part.size;
        upload.complete = upload.offset === bytes.length;
        if (answer !== 'take') throw new LabError('lab.unreachable', 'gone');
        return { ...upload };
      },
    };
    const waits: number[] = [];
    const progress: UploadProgress[] = [];
    return {
      sent,
      waits,
      progress,
      ports: {
        api,
        wait: async (ms: number) => void waits.push(ms),
        onProgress: (p: UploadProgress) => void progress.push(p),
      },
    };
  }

  it('[DASH-9] hashes first and sends in pieces', async () => {
    const { sent, progress, ports } = lab([]);
    expect(await uploadFile(new Blob([bytes]), ports)).toBe(digest);
    expect(sent).toEqual([4_194_304, 4_194_304, 611_392]);
    expect([progress[0]!.step, progress.at(-1)]).toEqual(['hashing', { step: 'done', fraction: 1 }]);
  });

  it('[DASH-9] goes on from the offset of the lab after a cut, also when only the answer was lost', async () => {
    const { sent, waits, ports } = lab([new LabError('lab.unreachable', 'gone'), 'take and lose the answer']);
    expect(await uploadFile(new Blob([bytes]), ports)).toBe(digest);
    expect([sent, waits]).toEqual([
      [4_194_304, 4_194_304, 611_392],
      [500, 1000],
    ]);
  });

  it('[DASH-9] sends nothing that is there already', async () => {
    const { sent, ports } = lab([], bytes.length);
    await uploadFile(new Blob([bytes]), ports);
    expect(sent).toEqual([]);
  });

  it('gives up on a refusal at once, and on a lab that stays away in the end', async () => {
    const refused = lab([new LabError('upload.hash-mismatch', 'other bytes')]);
    await expect(uploadFile(new Blob([bytes]), refused.ports)).rejects.toMatchObject({ code: 'upload.hash-mismatch' });
    const away = lab(Array.from({ length: 20 }, () => new LabError('lab.unreachable', 'gone')));
    await expect(uploadFile(new Blob([bytes]), away.ports)).rejects.toMatchObject({ code: 'lab.unreachable' });
  });
});

describe('rest', () => {
  const rest = (answer: () => Response | Promise<Response>, seen: RequestInit[] = [], refusals: string[] = []) =>
    createRest({
      fetch: async (_path, init) => {
        seen.push(init!);
        return answer();
      },
      token: () => 'hlt_usr_x',
      onUnauthorized: (error) => void refusals.push(error.code),
      clock: new ServerClock(() => 0),
      uuid: () => 'key-1',
    });
  const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

  it('sends the token, and an idempotency key with what makes something', async () => {
    const seen: RequestInit[] = [];
    await rest(() => json({ a: 1 }), seen)('jobs', z.object({ a: z.number() }), { method: 'POST', body: { b: 2 } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      body: '{"b":2}',
      headers: { authorization: 'Bearer hlt_usr_x', 'idempotency-key': 'key-1', 'content-type': 'application/json' },
    });
  });

  it('a problem becomes the LabError it stands for; 401 ends the session', async () => {
    const refusals: string[] = [];
    const failed = rest(
      () => json(problemOf(new LabError('auth.revoked', 'revoked')), 401),
      [],
      refusals,
    )('me', z.unknown());
    await expect(failed).rejects.toMatchObject({ code: 'auth.revoked' });
    expect(refusals).toEqual(['auth.revoked']);
  });

  it('names what went wrong: no answer, an answer of another version, an answer of something else', async () => {
    const codes = await Promise.all(
      [
        rest(() => Promise.reject(new TypeError('Failed to fetch')))('me', z.unknown()),
        rest(() => json({ a: 'x' }))('me', z.object({ a: z.number() })),
        rest(() => new Response('<html>', { status: 502 }))('me', z.unknown()),
      ].map((call) =>
        call.then(
          () => 'none',
          (error: LabError) => error.code,
        ),
      ),
    );
    expect(codes).toEqual(['lab.unreachable', 'wire.version', 'lab.internal']);
  });
});

describe('session', () => {
  it('keeps the token between visits, and why a session ended', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (k: string) => kept.get(k) ?? null,
      setItem: (k: string, v: string) => void kept.set(k, v),
      removeItem: (k: string) => void kept.delete(k),
    };
    createSessionStore(storage).signIn('hlt_usr_1', 'code');
    const again = createSessionStore(storage);
    expect(again.getState()).toEqual({ token: 'hlt_usr_1', origin: 'code' });
    again.signOut('the token was revoked');
    expect([again.getState(), kept.has(tokenKey)]).toEqual([{ notice: 'the token was revoked' }, false]);
  });

  it('finds the code in an address, and none where there is none', () => {
    expect([codeOf('#code=abc'), codeOf('#other=1'), codeOf('')]).toEqual(['abc', undefined, undefined]);
  });

  it('the clock of the lab rules when it differs by more than it can be read', () => {
    const clock = new ServerClock(() => 10_000);
    clock.observe(new Date(70_000).toUTCString());
    expect(clock.nowMs()).toBe(70_000);
    clock.observe(new Date(11_000).toUTCString());
    expect(clock.nowMs()).toBe(10_000);
  });
});
