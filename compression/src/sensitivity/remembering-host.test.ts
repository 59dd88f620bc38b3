import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost, type Host } from '../host.js';
import { randomPack, residualNet } from '../testing/models.js';
import { rememberingHost } from './remembering-host.js';

const host = createHost();
afterAll(() => host.close());

/** Counts what reaches the host behind it. */
function counting(): { host: Host; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    host: {
      ...host,
      statistics: (model, pack, requests, signal) => {
        asked.push(...requests.map((r) => r.tensor));
        return host.statistics(model, pack, requests, signal);
      },
      shapes: (...question) => {
        asked.push('shapes');
        return host.shapes(...question);
      },
    },
  };
}

describe('rememberingHost', () => {
  it('asks for each range once, in any combination, and gives the same answers', async () => {
    const [bytes, pack] = [residualNet(), randomPack(8, [3, 8, 8])];
    const behind = counting();
    const remembering = rememberingHost(behind.host);
    const range = (tensor: string) => ({ kind: 'range', tensor }) as const;
    const first = await remembering.statistics(bytes, pack, [range('r1'), range('a')]);
    const second = await remembering.statistics(bytes, pack, [range('a'), range('d'), range('r1')]);
    expect(behind.asked).toEqual(['r1', 'a', 'd']);
    expect([second[2], second[0]]).toEqual(first);
    expect(second).toEqual(await host.statistics(bytes, pack, [range('a'), range('d'), range('r1')]));
  });

  it('keeps other data, other bytes and other questions apart', async () => {
    const [bytes, pack] = [residualNet(), randomPack(8, [3, 8, 8])];
    const behind = counting();
    const remembering = rememberingHost(behind.host);
    const [a] = await remembering.statistics(bytes, pack, [{ kind: 'range', tensor: 'a' }]);
    const [b] = await remembering.statistics(bytes, randomPack(8, [3, 8, 8], 2), [{ kind: 'range', tensor: 'a' }]);
    await remembering.statistics(bytes, pack, [{ kind: 'range', tensor: 'a', percentile: 99 }]);
    expect(a).not.toEqual(b);
    const shapes = await remembering.shapes(bytes, ['a'], { pack });
    expect(await remembering.shapes(bytes, ['a'], { pack })).toEqual(shapes);
    expect(behind.asked).toEqual(['a', 'a', 'a', 'shapes']);
  });
});
