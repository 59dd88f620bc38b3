import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHost, findRecipe, resolveRecipe } from '@hilltop/compression';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ChosenRecipe } from './compress/chosen-recipes.js';
import type { CompressProgress } from './compress/plan.js';
import { compressWork } from './compress/work.js';
import { type CompressRequest, compressFile, isWhole } from './compress-file.js';

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const file = example('models/fashion-resnet-micro.onnx');
const validation = example('data/fashion-validation.npz');
const calibration = example('data/fashion-calibration.npz');

// Each of these tests compresses several times; two busy cores are enough for one of them.
jest.setTimeout(60_000);
/** One child for all: its start is most of what a small model costs. */
const host = createHost();
afterAll(() => host.close());

let output: string;
beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), 'hilltop-compress-'));
});
afterEach(() => rmSync(output, { recursive: true, force: true }));

const byName = (name: string, byAll = false): ChosenRecipe => ({ recipe: findRecipe(name), byAll });
const own = (file: object): ChosenRecipe => ({
  recipe: resolveRecipe({ name: 'own', title: 'Own', description: '', ...file }),
  byAll: false,
});
const compress = (recipes: readonly ChosenRecipe[], more: Partial<CompressRequest> = {}) =>
  compressFile({
    file,
    recipes,
    output,
    margin: 0.01,
    version: '1.0.0',
    signal: new AbortController().signal,
    engine: (plan, tell, signal) => compressWork(plan, tell, signal, () => ({ ...host, close: async () => undefined })),
    ...more,
  });
const variantFile = (recipe: string): string => join(output, `fashion-resnet-micro-${recipe}.onnx`);

describe('compressing a file', () => {
  it('[COMP-20] makes variants with their cost, and says beside each how it was made', async () => {
    const made = await compress([byName('fp32'), byName('int8-weights')]);
    expect(made).toMatchObject({ source: file, sourceBytes: statSync(file).size });
    expect(made.variants.map((variant) => variant.recipe)).toEqual(['fp32', 'int8-weights']);
    const [fp32, int8] = made.variants;
    expect(fp32!.sha256).toBe(made.sourceSha256);
    expect(int8).toMatchObject({ bytes: statSync(variantFile('int8-weights')).size, reused: false, unchanged: false });
    expect(int8!.bytes!).toBeLessThan(made.sourceBytes / 2);
    expect(Object.keys(int8!.metrics!)).toEqual(
      expect.arrayContaining(['size_bytes', 'size_compressed_bytes', 'parameters', 'macs']),
    );
    expect(JSON.parse(readFileSync(join(output, 'fashion-resnet-micro-int8-weights.json'), 'utf8'))).toMatchObject({
      artifactId: int8!.artifactId,
      sha256: int8!.sha256,
      model: { sha256: made.sourceSha256 },
      recipe: { name: 'int8-weights', steps: [{ pass: 'optimize' }, { pass: 'quantize-weights' }] },
    });
    expect(isWhole(made)).toBe(true);
  });

  it('[COMP-21] a recipe that is refused stops no other; what `all` leaves out is no failure', async () => {
    const made = await compress([byName('int8-static'), byName('int8-weights')]);
    expect(made.variants.map(({ recipe, error }) => [recipe, error?.code])).toEqual([
      ['int8-static', 'data.missing'],
      ['int8-weights', undefined],
    ]);
    expect(made.variants[0]!.error!.message).toContain('--calib');
    expect(isWhole(made)).toBe(false);
    const all = await compress([byName('int8-static', true), byName('int8-weights', true)]);
    expect([all.variants.map(({ leftOut }) => leftOut), isWhole(all)]).toEqual([[true, undefined], true]);
    expect(isWhole(await compress([byName('int8-static', true)]))).toBe(false);
  });

  it('[COMP-22] what is there is not made again; what is stale or damaged is', async () => {
    const first = await compress([byName('int8-weights')]);
    // A time that writing would change.
    const long = new Date(2020, 1, 1);
    const make = async (more: Partial<CompressRequest> = {}, recipe = byName('int8-weights')) => {
      utimesSync(variantFile('int8-weights'), long, long);
      const [variant] = (await compress([recipe], more)).variants;
      return {
        reused: variant!.reused,
        kept: statSync(variantFile('int8-weights')).mtime.getTime() === long.getTime(),
      };
    };
    const there = { reused: true, kept: true };
    const again = { reused: false, kept: false };
    expect(await make()).toEqual(there);
    // Neither what is screened nor who measures changes the bytes.
    expect(await make({ validation, version: '2.0.0' })).toEqual(there);
    const namesake = join(mkdtempSync(join(output, 'other-')), 'fashion-resnet-micro.onnx');
    copyFileSync(example('models/fashion-resnet.onnx'), namesake);
    expect(await make({ file: namesake })).toEqual(again);
    expect([await make(), await make()]).toEqual([again, there]);
    writeFileSync(variantFile('int8-weights'), readFileSync(variantFile('int8-weights')).subarray(0, 5000));
    expect(await make()).toEqual(again);
    writeFileSync(join(output, 'fashion-resnet-micro-int8-weights.json'), '{"artifactId":');
    expect(await make()).toEqual(again);
    const fewer = own({ name: 'int8-weights', steps: [{ pass: 'quantize-weights', parameters: { bits: 4 } }] });
    expect(await make({}, fewer)).toEqual(again);
    expect(await make()).toEqual(again);
    expect((await compress([byName('int8-weights')])).variants[0]!.sha256).toBe(first.variants[0]!.sha256);
  });

  it('[COMP-22] calibration data counts where it is used', async () => {
    const int8 = [byName('int8-static'), byName('int8-weights')];
    await compress(int8, { calibration });
    const other = await compress(int8, { calibration: validation });
    expect(other.variants.map(({ reused }) => reused)).toEqual([false, true]);
  });

  it('[COMP-24] a recipe that changed nothing says so; one below its floor too, and is no success', async () => {
    const optimized = await compress([byName('optimized')]);
    const [again] = (await compress([own({ steps: [{ pass: 'optimize' }] })], { file: variantFile('optimized') }))
      .variants;
    expect(again).toMatchObject({ unchanged: true, sha256: optimized.variants[0]!.sha256 });
    const [fp32] = (await compress([byName('fp32')])).variants;
    expect(fp32!.unchanged).toBe(false);
    const coarse = own({ floor: { sqnr_db: 150 }, steps: [{ pass: 'quantize-weights', parameters: { bits: 4 } }] });
    const made = await compress([coarse], { validation });
    expect(made.variants[0]!.error!.code).toBe('recipe.below-floor');
    expect(isWhole(made)).toBe(false);
  });

  it('[SCREEN-2] each is compared with fp32 on the validation data, and the statement is made; known again when it is there', async () => {
    const { variants } = await compress([byName('int8-weights')], { validation });
    expect(variants[0]!.screening).toMatchObject({
      set: 'validation',
      items: 1000,
      comparison: { both: expect.any(Number) },
    });
    expect(variants[0]!.noWorse).toMatchObject({ margin: 0.01, verdict: expect.stringMatching(/holds|open|worse/) });
    const seen: CompressProgress[] = [];
    const again = await compress([byName('int8-weights')], {
      validation,
      margin: 0.5,
      onProgress: (_recipe, progress) => seen.push(progress),
    });
    expect(again.variants[0]!.screening).toEqual(variants[0]!.screening);
    expect([again.variants[0]!.noWorse!.verdict, seen]).toEqual(['holds', []]);
  });

  it('[COMP-25] progress names recipe, step and pass, and goes up', async () => {
    const seen: [string, number, number, string][] = [];
    await compress([byName('int8-weights')], {
      validation,
      onProgress: (recipe, { step, steps, doing }) => seen.push([recipe, step, steps, doing]),
    });
    expect(seen.filter((entry, i) => JSON.stringify(entry) !== JSON.stringify(seen[i - 1]))).toEqual([
      ['int8-weights', 1, 4, 'optimize'],
      ['int8-weights', 2, 4, 'quantize-weights'],
      ['int8-weights', 3, 4, 'cost'],
      ['int8-weights', 4, 4, 'screening'],
    ]);
  });

  it('[COMP-23] one that is cancelled keeps what is whole, and nothing else', async () => {
    const abort = new AbortController();
    const stopped = compress([byName('int8-weights'), byName('prune-channels-50')], {
      calibration,
      signal: abort.signal,
      onProgress: (_recipe, { doing }) => {
        if (doing === 'prune-channels') abort.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'run.cancelled', details: { made: 1 } });
    expect(readdirSync(output).sort()).toEqual([
      'fashion-resnet-micro-int8-weights.json',
      'fashion-resnet-micro-int8-weights.onnx',
    ]);
  });

  it('[COMP-20] data that does not fit the model is refused, and the file named', async () => {
    const wrong = example('models/fashion-resnet.onnx');
    await expect(compress([byName('fp32')], { calibration, validation: wrong })).rejects.toMatchObject({
      code: 'data.not-npz',
      message: expect.stringContaining(wrong),
      details: { file: wrong },
    });
  });

  it('[COMP-20] a file that is no model is refused with its code', async () => {
    await expect(compress([byName('fp32')], { file: validation })).rejects.toMatchObject({ code: 'model.not-onnx' });
    await expect(compress([byName('fp32')], { file: join(output, 'none.onnx') })).rejects.toMatchObject({
      code: 'usage.invalid',
    });
    expect(readdirSync(output)).toEqual([]);
  });
});
