import { LabError, problemOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { createRest } from './rest.js';
import { ServerClock } from './server-clock.js';

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
