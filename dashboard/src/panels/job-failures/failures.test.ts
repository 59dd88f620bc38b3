import { JobCreate, protocolOf, type Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { failuresOf, retriesOf } from './failures.js';

const failed = (recipe: string, deviceId: string, cause: 'user' | 'device' | 'infrastructure', threads = 1): Run =>
  ({
    id: `${recipe}-${deviceId}-${threads}`,
    state: 'failed',
    recipe,
    deviceId,
    deviceName: deviceId,
    settings: { threads, graphLevel: 'all' },
    endedAt: recipe,
    error: { code: `${cause}.wrong`, message: `${recipe} was wrong`, cause },
  }) as unknown as Run;

const job = { modelId: 'model_1', protocol: protocolOf('quick', { evaluationItems: 64 }), priority: 0 };

describe('failures of a job', () => {
  it('[RUNP-5] are told by cause and code, each with its devices and its newest words', () => {
    const runs = [
      failed('fp32', 'a', 'user'),
      failed('int8', 'a', 'device'),
      failed('int8', 'b', 'device'),
      { ...failed('fp16', 'b', 'user'), state: 'succeeded' } as Run,
    ];
    expect(failuresOf(runs).map(({ cause, devices, message }) => [cause, devices, message])).toEqual([
      ['device', ['a', 'b'], 'int8 was wrong'],
      ['user', ['a'], 'fp32 was wrong'],
    ]);
    expect(failuresOf([])).toEqual([]);
  });

  it('[RUNP-6] exactly what failed is measured again, in as few jobs as its shape allows', () => {
    const runs = [
      failed('fp32', 'a', 'device'),
      failed('int8', 'a', 'device'),
      failed('fp32', 'b', 'device'),
      failed('int8', 'b', 'device'),
      failed('int8', 'c', 'device'),
      failed('int8', 'c', 'device', 4),
    ];
    const bodies = retriesOf(job, runs);
    const cells = bodies.flatMap((body) =>
      body.recipes.flatMap((recipe) =>
        body.selector!.devices!.flatMap((device) =>
          body.settings!.map(({ threads }) => `${recipe}-${device}-${threads}`),
        ),
      ),
    );
    expect(cells.sort()).toEqual(runs.map(({ id }) => id).sort());
    expect(bodies.length).toBe(2);
    for (const body of bodies) {
      expect(JobCreate.safeParse(body).success).toBe(true);
      expect([body.protocol, body.official, body.evaluationItems]).toEqual(['quick', false, 64]);
    }
    expect(retriesOf({ ...job, protocol: protocolOf('strict', { official: true }) }, runs)[0]!.official).toBe(true);
    expect(retriesOf(job, [])).toEqual([]);
  });
});
