import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError, type ModelCreate } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Actor } from '../access/actor.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { InlinePool } from '../links/testing/inline-pool.js';
import { LiveService } from '../live/live.service.js';
import { createLog } from '../log.js';
import { BlobReferences } from '../models/blob-references.js';
import { BlobSweeper } from '../models/blob-sweeper.js';
import type { CheckedModel } from '../models/check-model-task.js';
import { ModelService } from '../models/model.service.js';
import { RecipeService } from '../recipes/recipe.service.js';
import type { BuildVariantInput, BuiltVariant } from './build-variant-task.js';
import { VariantEntity } from './variant.entity.js';
import { VariantService } from './variant.service.js';
import { VariantBuilder } from './variant-builder.js';

const actor: Actor = { tokenId: 'tok_00000001', role: 'operator', name: 'ann' };
describe('models and variants', () => {
  let folder: string;
  let database: Database;
  let blobs: BlobStore;
  let pool: InlinePool;
  let models: ModelService;
  let variants: VariantService;
  let builder: VariantBuilder;
  let refuse: LabError | undefined;

  const checked = (): CheckedModel => {
    if (refuse) throw refuse;
    return {
      opset: 13,
      inputs: [{ name: 'x', type: 'float32', dims: [1, 4] }],
      outputs: [{ name: 'y', type: 'float32', dims: [1, 2] }],
      parameters: 8,
      sets: { calibration: { pack: Buffer.from('pack'), items: 2, labelled: false } },
    };
  };
  const build = async ({ recipe }: BuildVariantInput): Promise<BuiltVariant> => {
    if (refuse) throw refuse;
    const artifact = Buffer.from(`artifact of ${recipe.id}`);
    const { sha256 } = await blobs.put(artifact, { maxBytes: 1000 });
    return { artifact, sha256, metrics: { size_bytes: { value: artifact.length, n: 1, unit: 'bytes' } }, steps: [] };
  };
  const upload = async (text: string): Promise<string> =>
    (await blobs.put(Buffer.from(text), { maxBytes: 1000 })).sha256;
  const push = async (name: string): Promise<ModelCreate> => ({
    name,
    model: await upload('onnx'),
    calibration: await upload('npz'),
  });
  const settled = async (): Promise<void> => {
    while (builder.busy) await new Promise((resolve) => setImmediate(resolve));
  };
  const stored = () => database.reader.getRepository(VariantEntity).find({ order: { recipeName: 'ASC' } });

  const open = async (): Promise<void> => {
    const log = createLog('silent');
    database = await Database.open(join(folder, 'hilltop.db'), log);
    blobs = new BlobStore(folder);
    pool = new InlinePool({ 'check-model': checked, 'build-variant': build });
    const live = new LiveService(LabIdentity.load(folder), log);
    const references = new BlobReferences(database, blobs);
    models = new ModelService(database, blobs, references, pool, live, log);
    builder = new VariantBuilder(database, blobs, pool, references, live, log, 1);
    variants = new VariantService(database, blobs, models, new RecipeService(database), references, builder, live);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-variants-'));
    refuse = undefined;
    await open();
  });
  afterEach(async () => {
    await settled();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('[MODEL-3] a name is given once, and what is refused leaves nothing behind', async () => {
    await models.create(actor, await push('net'));
    await expect(models.create(actor, await push('net'))).rejects.toMatchObject({ code: 'model.name-taken' });
    refuse = new LabError('model.not-onnx', 'noise');
    await expect(models.create(actor, await push('other'))).rejects.toMatchObject({ code: 'model.not-onnx' });
    expect((await models.list({ limit: 50 })).items.map((model) => model.name)).toEqual(['net']);
  });

  it('[MODEL-4] removing a model removes what was made from it, and the blobs nobody else needs', async () => {
    const wish = await push('net');
    const { id } = await models.create(actor, wish);
    await models.create(actor, await push('twin'));
    await variants.ensure('net', ['fp32', 'optimized']);
    await settled();
    const artifacts = (await stored()).map((row) => row.artifactSha256!);
    await models.remove('net');
    expect(await stored()).toEqual([]);
    expect([...artifacts, wish.model].map((sha256) => blobs.has(sha256))).toEqual([false, false, true]);
    await expect(models.find(id)).rejects.toMatchObject({ code: 'request.not-found' });
  });

  it('[MODEL-4] not while somebody objects', async () => {
    await models.create(actor, await push('net'));
    models.guard(async () => new LabError('model.in-use', 'busy'));
    await expect(models.remove('net')).rejects.toMatchObject({ code: 'model.in-use' });
    expect((await models.find('net')).name).toBe('net');
  });

  it('[MODEL-5] a blob that nothing needs is removed after a day, one that something needs is not', async () => {
    const wish = await push('net');
    await models.create(actor, wish);
    const orphan = await upload('never used');
    const sweeper = new BlobSweeper(blobs, new BlobReferences(database, blobs), createLog('silent'));
    await sweeper.sweep(Date.now());
    expect([orphan, wish.model].map((sha256) => blobs.has(sha256))).toEqual([true, true]);
    await sweeper.sweep(Date.now() + 25 * 3600 * 1000);
    expect([orphan, wish.model].map((sha256) => blobs.has(sha256))).toEqual([false, true]);
  });

  it('[VAR-2] a recipe is applied to a model once', async () => {
    await models.create(actor, await push('net'));
    const [first] = await variants.ensure('net', ['fp32']);
    await settled();
    const [second] = await variants.ensure('net', ['fp32', 'fp32']);
    expect(second).toMatchObject({ id: first!.id, state: 'ready' });
    expect(pool.ran.filter((name) => name === 'build-variant')).toHaveLength(1);
  });

  it('[VAR-2] the same recipe under another name is another variant with the same artifact, and is not built', async () => {
    await models.create(actor, await push('net'));
    await new RecipeService(database).add(actor, { name: 'mine', title: 'mine', description: '', steps: [] });
    await variants.ensure('net', ['fp32']);
    await settled();
    const [mine] = await variants.ensure('net', ['mine']);
    const rows = await stored();
    expect(mine!.state).toBe('ready');
    expect(new Set(rows.map((row) => row.artifactSha256)).size).toBe(1);
    expect(pool.ran.filter((name) => name === 'build-variant')).toHaveLength(1);
  });

  it('[VAR-3] a build that fails says why, and asking again tries again', async () => {
    await models.create(actor, await push('net'));
    refuse = new LabError('pass.not-applicable', 'no Conv');
    await variants.ensure('net', ['optimized']);
    await settled();
    expect((await stored())[0]).toMatchObject({
      state: 'failed',
      error: { code: 'pass.not-applicable', message: 'no Conv' },
    });
    refuse = undefined;
    await variants.ensure('net', ['optimized']);
    await settled();
    expect((await stored())[0]).toMatchObject({ state: 'ready', error: null });
  });

  it('[VAR-3] what was being built at a stop is built at the next start', async () => {
    await models.create(actor, await push('net'));
    builder.holdWhile(() => true);
    await variants.ensure('net', ['fp32']);
    await database.write((manager) => manager.update(VariantEntity, { recipeName: 'fp32' }, { state: 'building' }));
    await database.close();
    await open();
    await builder.onApplicationBootstrap();
    await settled();
    expect((await stored())[0]).toMatchObject({ state: 'ready' });
  });

  it('[VAR-3] a recipe that needs calibration data a model does not have is refused', async () => {
    const wish = await push('net');
    await models.create(actor, wish);
    await database.write((manager) => manager.query('UPDATE model SET calibration = NULL'));
    await expect(variants.ensure('net', ['int8-static'])).rejects.toMatchObject({ code: 'data.missing' });
  });
});
