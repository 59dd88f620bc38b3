import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError, type ModelCreate, type Screening, type VariantProgress } from '@hilltop/contracts';
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
import { door } from '../testing/door.js';
import type { BuildVariantInput, BuiltVariant } from './build-variant-task.js';
import type { CheckedVariant, CheckVariantInput } from './check-variant-task.js';
import { ElsewhereService } from './elsewhere.service.js';
import { VariantEntity } from './variant.entity.js';
import { VariantService } from './variant.service.js';
import { VariantBuilder } from './variant-builder.js';

const screening: Screening = { set: 'validation', items: 2, metrics: { agreement: { value: 0.5, n: 2, unit: '' } } };
const actor: Actor = { tokenId: 'tok_00000001', role: 'operator', name: 'ann' };
describe('models and variants', () => {
  let folder: string;
  let database: Database;
  let blobs: BlobStore;
  let pool: InlinePool;
  let models: ModelService;
  let variants: VariantService;
  let builder: VariantBuilder;
  let elsewhere: ElsewhereService;
  let recipes: RecipeService;
  let refuse: LabError | undefined;
  let builds: BuildVariantInput[];
  /** What a build does between its progress and its end. */
  let during: (signal: AbortSignal) => Promise<void>;

  const checked = (): CheckedModel => {
    if (refuse) throw refuse;
    return {
      opset: 13,
      inputs: [{ name: 'x', type: 'float32', dims: [1, 4] }],
      outputs: [{ name: 'y', type: 'float32', dims: [1, 2] }],
      parameters: 8,
      sets: {
        calibration: { pack: Buffer.from('pack'), items: 2, labelled: false },
        validation: { pack: Buffer.from('other pack'), items: 2, labelled: false },
      },
    };
  };
  const checkedVariant = ({ model }: CheckVariantInput): CheckedVariant => {
    if (refuse) throw refuse;
    return { inputs: model.inputs.map((input) => ({ ...input, name: 'image' })), outputs: model.outputs };
  };
  const build = async (
    input: BuildVariantInput,
    progress: (value: VariantProgress) => void,
    signal: AbortSignal,
  ): Promise<BuiltVariant> => {
    builds.push(input);
    progress({ done: 0, total: 2, step: 'optimize', fraction: 0.5 });
    await during(signal);
    if (refuse) throw refuse;
    const artifact = Buffer.from(`artifact of ${input.recipe.id}`);
    const made = input.artifactFile === undefined;
    if (made) writeFileSync(input.outputFile, artifact);
    return {
      ...(made && { sha256: createHash('sha256').update(artifact).digest('hex') }),
      metrics: { size_bytes: { value: artifact.length, n: 1, unit: 'bytes' } },
      steps: [],
      ...(input.validationFile && { screening }),
    };
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
    pool = new InlinePool({ 'check-model': checked, 'check-variant': checkedVariant, 'build-variant': build });
    const live = new LiveService(LabIdentity.load(folder), log);
    const references = new BlobReferences(database, blobs);
    models = new ModelService(database, blobs, references, pool, live, log);
    builder = new VariantBuilder(database, blobs, pool, references, live, log, 1);
    recipes = new RecipeService(database);
    variants = new VariantService(database, blobs, models, recipes, references, builder, live);
    elsewhere = new ElsewhereService(database, blobs, pool, models, recipes, references, variants, log);
    variants.onModuleInit();
    elsewhere.onModuleInit();
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-variants-'));
    refuse = undefined;
    builds = [];
    during = async () => undefined;
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
    await recipes.add(actor, { name: 'mine', title: 'mine', description: '', steps: [] });
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

  it('[VAR-5] a recipe that needs data the model does not have is refused, naming what to push', async () => {
    await models.create(actor, await push('net'));
    const careful = {
      name: 'careful',
      title: '',
      description: '',
      steps: [{ pass: 'mixed-precision', parameters: {} }],
    };
    await recipes.add(actor, careful as never);
    await database.write((manager) => manager.query('UPDATE model SET validation = NULL'));
    await expect(variants.ensure('net', ['careful'])).rejects.toMatchObject({
      code: 'data.missing',
      details: { recipe: 'careful', set: 'validation' },
    });
    await database.write((manager) => manager.query('UPDATE model SET calibration = NULL'));
    await expect(variants.ensure('net', ['int8-static'])).rejects.toMatchObject({
      code: 'data.missing',
      details: { recipe: 'int8-static', set: 'calibration' },
    });
  });

  it('[VAR-4] a build gets the validation set and never the evaluation set; what it found is kept with the variant', async () => {
    const model = await models.create(actor, await push('net'));
    await variants.ensure('net', ['fp32', 'int8-static']);
    await settled();
    const [first, second] = builds;
    expect([first!.validationFile, first!.calibrationFile, second!.calibrationFile]).toEqual([
      blobs.path(model.validation!.sha256),
      undefined,
      blobs.path(model.calibration!.sha256),
    ]);
    expect((await variants.list({ limit: 9, model: 'net' })).items.map((v) => v.screening)).toEqual([
      screening,
      screening,
    ]);
  });

  it('[VAR-4] what depends on the validation set is found anew for another one; the artifact is not built again', async () => {
    await models.create(actor, await push('net'));
    await variants.ensure('net', ['fp32']);
    await settled();
    await models.create(actor, await push('twin'));
    await database.write((manager) => manager.query("UPDATE model SET validation = NULL WHERE name = 'twin'"));
    const [asked] = await variants.ensure('twin', ['fp32']);
    await settled();
    const twin = await variants.find(asked!.id);
    expect([twin.state, twin.screening, builds[1]!.artifactFile]).toEqual([
      'ready',
      undefined,
      blobs.path(twin.artifact!.sha256),
    ]);
  });

  it('[VAR-4] each name of a recipe is held against its own floor', async () => {
    await models.create(actor, await push('net'));
    const floor = { agreement: 0.9 };
    await recipes.add(actor, { name: 'mine', title: '', description: '', floor, steps: [] });
    await variants.ensure('net', ['fp32']);
    await settled();
    const [mine] = await variants.ensure('net', ['mine']);
    expect(mine!.screening).toEqual({ ...screening, belowFloor: ['agreement'] });
  });

  it('[VAR-6] removing the model ends the build of its variant, and nothing of it stays', async () => {
    await models.create(actor, await push('net'));
    const [started, ended] = [door(), door()];
    during = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended.open();
          reject(new LabError('run.cancelled', 'cancelled'));
        });
        started.open();
      });
    await variants.ensure('net', ['fp32']);
    await started.passed;
    await models.remove('net');
    await ended.passed;
    await settled();
    expect([await stored(), readdirSync(join(folder, 'blobs', 'tmp'))]).toEqual([[], []]);
  });

  it('[VAR-7] a variant tells how far its build is, and only while it is built', async () => {
    await models.create(actor, await push('net'));
    const [started, go] = [door(), door()];
    during = () => {
      started.open();
      return go.passed;
    };
    const [asked] = await variants.ensure('net', ['fp32']);
    await started.passed;
    expect(await variants.find(asked!.id)).toMatchObject({
      state: 'building',
      progress: { done: 0, total: 2, step: 'optimize', fraction: 0.5 },
    });
    go.open();
    await settled();
    expect((await variants.find(asked!.id)).progress).toBeUndefined();
  });

  describe('made elsewhere', () => {
    const training = { train_device_hours: 3.5, train_samples: 60_000 };
    const wish = async (change: object = {}) => ({
      model: 'net',
      name: 'distilled',
      description: 'half as wide',
      artifact: await upload('another onnx'),
      training,
      ...change,
    });

    it('[VAR-8] is a variant like any other: cost, quality, and what training cost as it was stated', async () => {
      await models.create(actor, await push('net'));
      const pushed = await elsewhere.push(await wish());
      expect([pushed.state, pushed.artifact]).toEqual(['queued', undefined]);
      await variants.ensure('net', ['distilled']);
      await settled();
      const made = await variants.find(pushed.id);
      expect(made).toMatchObject({
        recipe: 'distilled',
        origin: 'elsewhere',
        description: 'half as wide',
        state: 'ready',
        artifact: { sha256: await upload('another onnx') },
        screening,
        metrics: {
          size_bytes: { unit: 'bytes' },
          train_device_hours: { value: 3.5, n: 1, unit: 'h' },
          train_samples: { value: 60_000, n: 1, unit: '' },
        },
      });
      expect(builds.map((b) => [b.artifactFile, b.inputs[0]!.name])).toEqual([
        [blobs.path(made.artifact!.sha256), 'image'],
      ]);
    });

    it('[VAR-8] goes with its model, its blob too', async () => {
      await models.create(actor, await push('net'));
      const { artifact } = await wish();
      await elsewhere.push(await wish());
      await settled();
      await models.remove('net');
      expect([await stored(), blobs.has(artifact)]).toEqual([[], false]);
    });

    it('[VAR-8] is never made of anything but what was pushed: without its blob it fails', async () => {
      await models.create(actor, await push('net'));
      builder.holdWhile(() => true);
      const pushed = await elsewhere.push(await wish());
      await blobs.remove(pushed.recipeId);
      builder.holdWhile(() => false);
      builder.wake();
      await settled();
      expect(await variants.find(pushed.id)).toMatchObject({ state: 'failed', error: { code: 'blob.missing' } });
      expect(builds).toEqual([]);
    });

    it('[VAR-9] a name means one variant of a model: recipes and variants made elsewhere do not share one', async () => {
      await models.create(actor, await push('net'));
      await elsewhere.push(await wish());
      const codes = await Promise.all(
        [
          elsewhere.push(await wish()),
          elsewhere.push(await wish({ name: 'int8-static' })),
          recipes.add(actor, { name: 'distilled', title: '', description: '', steps: [] }),
        ].map((each) => each.then(String, (error: LabError) => error.code)),
      );
      expect(codes).toEqual(['request.conflict', 'request.conflict', 'request.conflict']);
      await models.create(actor, await push('other'));
      expect((await elsewhere.push(await wish({ model: 'other' }))).recipe).toBe('distilled');
    });

    it('[VAR-9] what is refused leaves nothing behind', async () => {
      await models.create(actor, await push('net'));
      refuse = new LabError('variant.interface-mismatch', 'two inputs');
      await expect(elsewhere.push(await wish())).rejects.toMatchObject({ code: 'variant.interface-mismatch' });
      await expect(elsewhere.push(await wish({ model: 'nothing' }))).rejects.toMatchObject({
        code: 'request.not-found',
      });
      expect(await stored()).toEqual([]);
    });

    it('[VAR-10] recipes train nothing: their variants cost what their model did', async () => {
      await models.create(actor, { ...(await push('net')), training });
      await models.create(actor, await push('twin'));
      const asked = [...(await variants.ensure('net', ['fp32'])), ...(await variants.ensure('twin', ['fp32']))];
      await settled();
      const found = await Promise.all(asked.map(({ id }) => variants.find(id)));
      expect(found.map((v) => v.metrics.train_device_hours?.value)).toEqual([3.5, undefined]);
    });
  });
});
