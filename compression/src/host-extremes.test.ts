import { afterAll, describe, expect, it } from '@jest/globals';
import { opsetOf, readGraph } from './graph.js';
import { createHost } from './host.js';
import { withExtremes } from './host-extremes.js';
import type { StatisticRequest } from './host-messages.js';
import { makeNode } from './node.js';
import { DataType, int64Tensor } from './tensor.js';
import { modelOf, randomPack, residualNet } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

const range = (tensor: string, more: object = {}): StatisticRequest => ({ kind: 'range', tensor, ...more });

describe('withExtremes', () => {
  it('lets the runtime fold plain ranges, and only those', () => {
    const model = residualNet();
    const made = withExtremes(model, [range('r1'), range('c1', { percentile: 99 }), range('r1')])!;
    const merged = readGraph(Buffer.concat([model, made.more]));
    const added = merged.body.node.length - readGraph(model).body.node.length;
    expect(added).toBe(2);
    expect(made.requests.map((r) => 'extremes' in r)).toEqual([true, false, true]);
    expect(
      withExtremes(model, [range('c1', { leastError: true }), { kind: 'channels', tensor: 'c1' }]),
    ).toBeUndefined();
  });

  it('finds what looking at every value finds', async () => {
    const pack = randomPack(70, [3, 8, 8]);
    const names = ['x', 'c1', 'r1', 'c2', 'f'];
    const [plain, looked] = [
      await host.statistics(
        residualNet(),
        pack,
        names.map((name) => range(name)),
      ),
      // All percent of the values: the same range, by way of a histogram of each value.
      await host.statistics(
        residualNet(),
        pack,
        names.map((name) => range(name, { percentile: 100 })),
      ),
    ];
    expect(plain).toEqual(looked);
  });

  it.each([7, 11, 13, 18, 21])('reduces in operator set %i', async (opset) => {
    const model = modelOf({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 4] }],
      outputs: [{ name: 'y', dims: ['N', 4] }],
      opset,
    });
    expect(opsetOf(readGraph(model))).toBe(opset);
    const [y] = await host.statistics(model, randomPack(40, [4]), [range('y')]);
    expect(y).toMatchObject({ low: 0, high: expect.closeTo(1, 1) });
  });

  it('falls back to looking where the runtime cannot reduce: an empty tensor', async () => {
    const model = modelOf({
      nodes: [makeNode('Slice', ['x', 'k', 'k', 'k1'], ['none']), makeNode('Relu', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: ['N', 4] }],
      outputs: [
        { name: 'y', dims: ['N', 4] },
        { name: 'none', dims: ['N', 0], type: DataType.FLOAT },
      ],
      initializers: [int64Tensor('k', [1], [0n]), int64Tensor('k1', [1], [1n])],
    });
    const [none, y] = await host.statistics(model, randomPack(4, [4]), [range('none'), range('y')]);
    expect(none).toMatchObject({ low: 0, high: 0 });
    expect(y).toMatchObject({ low: 0 });
  });
});
