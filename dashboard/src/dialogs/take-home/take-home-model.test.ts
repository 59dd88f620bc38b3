import type { Model, Variant } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { checkedBytes } from './checked-bytes.js';
import { artifactCli, borderText, formatsOf, loadLines } from './take-home-model.js';

const model = { name: 'my net', inputs: [{ name: 'image', type: 'float32', dims: [1, 4] }] } as unknown as Model;
const artifact = { sha256: 'a'.repeat(64), bytes: 1000 };
const plan = { sha256: 'b'.repeat(64), bytes: 400, arenaBytes: 90, macs: 7 };
const variant = (more: Partial<Variant>): Variant =>
  ({ id: 'var_12345678', recipe: 'int8', state: 'ready', artifact, ...more }) as Variant;
const ways = (more: Partial<Variant>) =>
  formatsOf(variant(more), model).map(({ format, source, blocked }) => [
    format,
    source?.sha256[0],
    blocked !== undefined,
  ]);

describe('taking home', () => {
  it('[COMP-13] offers what there is, and says why the rest cannot be had', () => {
    expect(ways({ plan })).toEqual([
      ['onnx', 'a', false],
      ['plan', 'b', false],
      ['c', 'b', false],
    ]);
    // A plan that nobody asked for yet can be made.
    expect(ways({})).toEqual([
      ['onnx', 'a', false],
      ['plan', undefined, false],
      ['c', undefined, false],
    ]);
    expect(ways({ planError: { code: 'plan.unsupported', message: 'Resize' } }).map(([, , no]) => no)).toEqual([
      false,
      true,
      true,
    ]);
    const firmware = { name: 'board' } as NonNullable<Variant['firmware']>;
    expect(ways({ firmware }).map(([, , no]) => no)).toEqual([true, true, true]);
  });

  it('[COMP-13] the CLI line takes the same file; lines to load it name input and symbols', () => {
    const [onnx, , c] = formatsOf(variant({ plan }), model);
    expect(artifactCli('var_1', onnx!)).toBe("hilltop artifact get var_1 -o 'my net-int8.onnx'");
    expect(artifactCli('var_1', c!)).toBe("hilltop artifact get var_1 -o 'my net-int8.c' --format c");
    expect(loadLines(onnx!, model, 'int8')).toContain('{"image": image}');
    expect(loadLines(c!, model, 'int8')).toContain('my_net_int8, MY_NET_INT8_BYTES');
    const border = {
      tensor: 0,
      dims: [1, 4],
      type: 'int8',
      layout: 'rows',
      scale: 0.5,
      zeroPoint: 3,
      bytes: 4,
    } as const;
    expect(borderText(border)).toBe('int8 [1, 4]; real = (q − 3) × 0.5');
  });

  it('[COMP-13] bytes that are not what their name says are not kept', async () => {
    const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    const fetched = (text: string) => async () => new Blob([text]);
    expect(await checkedBytes(hello, fetched('hello'))).toEqual(new TextEncoder().encode('hello'));
    await expect(checkedBytes(hello, fetched('hellO'))).rejects.toMatchObject({
      code: 'artifact.corrupt',
    });
  });
});
