import { Problem } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startLab, type TestLab } from '../support/lab.js';

const seed = Number(process.env.HILLTOP_FUZZ_SEED ?? 20261124);

/** Whatever is sent to whatever route: a documented answer or a problem with a code, never a 5xx, never a hang. */
describe('REST under fuzz', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
  }, 60_000);
  afterAll(() => lab.stop());

  it(`[HTTP-21] answers every request with sense (seed ${seed})`, async () => {
    const document = (await (await lab.raw('GET', '/api/openapi.json')).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
    );
    expect(routes.length).toBeGreaterThan(20);
    const body = fc.oneof(
      fc.json(),
      fc.jsonValue().map((v) => JSON.stringify(v)),
      fc
        .record(
          {
            name: fc.string(),
            model: fc.string(),
            recipes: fc.array(fc.string()),
            kind: fc.constantFrom('join', 'usr', 'svc', 'x'),
          },
          { requiredKeys: [] },
        )
        .map((v) => JSON.stringify(v)),
      fc.string(),
    );
    const request = fc.record({
      route: fc.constantFrom(...routes),
      part: fc.oneof(
        fc.constantFrom('__proto__', '..%2f..', 'a'.repeat(3000), '%00', '%F0%9F%98%80'),
        fc.string().map(encodeURIComponent),
      ),
      query: fc.oneof(
        fc.constantFrom('', 'limit=-1', 'name[x]=1', 'cursor=AAAA', 'state[]=1'),
        fc.string().map(encodeURIComponent),
      ),
      body,
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, part, query, body }) => {
        if (/codes|credentials/.test(route.path)) return;
        const path = route.path.replace(/[:{]\w+\}?/g, part === '' ? 'x' : part);
        const response = await lab.raw(route.method, `${path}?${query}`, {
          headers: { 'content-type': 'application/json' },
          ...(!['GET', 'HEAD'].includes(route.method) && { bytes: Buffer.from(body) }),
        });
        const text = await response.text();
        if (response.status >= 500) throw new Error(`${route.method} ${path}?${query}: ${response.status} ${text}`);
        if (response.status >= 400 && route.method !== 'HEAD')
          expect(Problem.safeParse(JSON.parse(text)).success).toBe(true);
      }),
      { seed, numRuns: 400 },
    );
    expect((await lab.raw('GET', '/healthz')).status).toBe(200);
  }, 120_000);
});
