import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { makeNode } from '../node.js';
import { float32Tensor } from '../tensor.js';
import { modelOf, randomPack } from '../testing/models.js';
import { layerSensitivities } from './layer-sensitivity.js';

const host = createHost();
afterAll(() => host.close());

/** y = x * factor: its error against y = x is known. */
const times = (factor: number): Uint8Array =>
  modelOf({
    nodes: [makeNode('Mul', ['x', 'k'], ['y'])],
    inputs: [{ name: 'x', dims: ['N', 4] }],
    outputs: [{ name: 'y', dims: ['N', 4] }],
    initializers: [float32Tensor('k', [], Float32Array.of(factor))],
  });

describe('layerSensitivities', () => {
  it('puts the layer first that disturbs most, in dB, and leaves out what cannot be quantized', async () => {
    const data = randomPack(16, [4]);
    const variants: Record<string, Uint8Array | undefined> = {
      slight: times(1.001),
      none: times(1),
      broken: times(Number.NaN),
      float: undefined,
      strong: times(1.1),
    };
    const fractions: number[] = [];
    const found = await layerSensitivities({
      layers: Object.keys(variants),
      reference: await host.outputs(times(1), data),
      data,
      host,
      quantizeOnly: async (layer) => variants[layer],
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(found.map((s) => s.layer)).toEqual(['broken', 'strong', 'slight', 'none']);
    // 10 log10 of 1 over the squared relative error.
    expect(found.map((s) => s.sqnrDb)).toEqual([-Infinity, expect.closeTo(20, 3), expect.closeTo(60, 1), Infinity]);
    expect(fractions).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  });
});
