import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Frontier, LabError, type Model, type Training, Variant, type VariantPush } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { example, root, startLab, type TestLab } from '../support/lab.js';
import * as onnx from '../support/onnx.js';

const run = promisify(execFile);

/** Code of the refusal; the answer itself when there was none, so that a failing test shows it. */
async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
}

/** The same net under other names of its tensors, of the same length. */
const renamed = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll('image', 'photo').replaceAll('logits', 'scores'), 'latin1');
const micro = example('models/fashion-resnet-micro.onnx');

describe('variants made elsewhere, and screening', () => {
  let lab: TestLab;
  let model: Model;
  /** Where the coordinator's children work: a child that is there has a folder, one that is gone has none. */
  const temporary = mkdtempSync(join(tmpdir(), 'hilltop-elsewhere-'));
  const cli = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [join(root, 'bin/hilltop.mjs'), ...args, '--json'], {
      env: { ...process.env, HILLTOP_URL: lab.url, HILLTOP_TOKEN: lab.token },
    });
    return JSON.parse(stdout);
  };
  const pushSample = async (name: string, training: Training): Promise<Model> => {
    const set = (use: string): Promise<string> => lab.upload(readFileSync(example(`data/fashion-${use}.npz`)));
    return lab.api<Model>('POST', '/models', {
      name,
      model: await lab.upload(readFileSync(example('models/fashion-resnet.onnx'))),
      evaluation: await set('evaluation'),
      validation: await set('validation'),
      calibration: await set('calibration'),
      training,
    });
  };
  const variants = async (): Promise<Variant[]> =>
    (await lab.api<{ items: unknown[] }>('GET', `/variants?model=${model.id}`)).items.map((v) => Variant.parse(v));
  const push = (change: Partial<VariantPush> & Pick<VariantPush, 'artifact'>): Promise<Variant> =>
    lab.api<Variant>('POST', '/variants/elsewhere', { model: model.name, name: 'other', ...change });

  beforeAll(async () => {
    lab = await startLab({ env: { TMPDIR: temporary } });
    await lab.agent('bench-1');
    model = await pushSample('net', { train_device_hours: 2 });
  }, 120_000);
  afterAll(async () => {
    await lab.stop();
    rmSync(temporary, { recursive: true, force: true });
  });

  it('[VAR-21] a net trained elsewhere stands on the frontier of its model, with what its training cost', async () => {
    const pushed = Variant.parse(
      await cli(
        ...['models', 'push', micro, '--variant-of', 'net', '--name', 'micro'],
        ...['--description', 'a smaller net, trained anew', '--train-device-hours', '0.5', '--train-samples', '600000'],
      ),
    );
    expect(pushed).toMatchObject({
      modelId: model.id,
      recipe: 'micro',
      origin: 'elsewhere',
      description: 'a smaller net, trained anew',
      state: 'ready',
      artifact: { bytes: readFileSync(micro).byteLength },
      screening: { set: 'validation', items: 1000 },
      metrics: { train_device_hours: { value: 0.5, unit: 'h' }, train_samples: { value: 600_000 } },
    });
    expect(pushed.metrics.macs!.value).toBeGreaterThan(0);

    // Names of inputs and outputs are its own; what it is fed goes by order.
    await push({ name: 'renamed', artifact: await lab.upload(renamed(readFileSync(micro))) });
    const names = ['fp32', 'micro', 'renamed'];
    const job = await lab.submit({ model: 'net', recipes: names, protocol: 'quick' });
    const ended = await lab.ended(job.id);
    expect([ended.state, ended.recipes, ended.counts.succeeded]).toEqual(['succeeded', names, 3]);
    const [first, second] = (await lab.runs(job.id)).filter((each) => each.recipe !== 'fp32');
    expect(first!.metrics.accuracy).toEqual(second!.metrics.accuracy);

    const frontier = Frontier.parse(await lab.frontier('model=net&x=train_device_hours&y=accuracy'));
    const { points, excluded } = frontier.devices[0]!;
    // Of the one nobody stated a cost.
    expect(excluded).toEqual({ 'no-metric': 1 });
    expect(points.map((p) => [p.recipe, p.variant, p.metrics.train_device_hours!.value]).sort()).toEqual([
      ['fp32', expect.any(String), 2],
      ['micro', pushed.id, 0.5],
    ]);
    // The cheaper one to train is on it whatever its quality.
    expect(points.find((p) => p.recipe === 'micro')!.status).toBe('on');
  }, 240_000);

  it('[VAR-4] every variant is screened on the validation set, and its figures are not those of runs', async () => {
    const all = await variants();
    for (const variant of all) {
      expect(variant.screening).toMatchObject({ set: 'validation', items: 1000 });
      // 1000 validation items here, 2500 evaluation items in runs.
      expect([variant.screening!.metrics.accuracy!.n, variant.metrics.accuracy]).toEqual([1000, undefined]);
    }
    const fp32 = all.find((variant) => variant.recipe === 'fp32')!.screening!;
    expect([fp32.metrics.agreement!.value, fp32.comparison!.difference.value, fp32.comparison!.pValue]).toEqual([
      1, 0, 1,
    ]);
  });

  it.each<[string, Partial<VariantPush>, Uint8Array, string]>([
    ['of other shapes', {}, onnx.plain(), 'variant.interface-mismatch'],
    ['whose name is a recipe', { name: 'int8-static' }, readFileSync(micro), 'request.conflict'],
    ['whose name is taken', { name: 'micro' }, readFileSync(micro), 'request.conflict'],
    ['that is no ONNX', {}, Buffer.from('this is not a model'), 'model.not-onnx'],
    ['cut short', {}, readFileSync(micro).subarray(0, 5000), 'model.truncated'],
    ['of an unknown model', { model: 'nothing' }, readFileSync(micro), 'request.not-found'],
    ['with a negative cost', { training: { train_device_hours: -1 } }, readFileSync(micro), 'request.invalid'],
    ['with an unknown cost', { training: { train_tears: 1 } as never }, readFileSync(micro), 'request.invalid'],
    ['whose name cannot be typed', { name: 'No Name' }, readFileSync(micro), 'request.invalid'],
  ])(
    '[VAR-22] one %s is refused with its code and leaves nothing behind',
    async (_, change, bytes, code) => {
      const before = await variants();
      expect(await codeOf(push({ ...change, artifact: await lab.upload(bytes) }))).toBe(code);
      expect(await variants()).toEqual(before);
    },
    60_000,
  );

  it('[VAR-22] one that was never uploaded is refused, and a refusal says what differs', async () => {
    expect(await codeOf(push({ artifact: 'f'.repeat(64) }))).toBe('blob.missing');
    const artifact = await lab.upload(onnx.plain());
    await expect(push({ artifact })).rejects.toMatchObject({
      details: { differences: ["its input x is float32 [1, 4], the model's input image is float32 [1, 1, 28, 28]"] },
    });
  });

  it('[REC-1] a refused recipe names the offending place; an accepted one keeps its risk and its floor', async () => {
    const recipe = { name: 'mine', title: 'mine', description: '', risk: 'aggressive', floor: { agreement: 0.9 } };
    const steps = (parameters: object) => [{ pass: 'optimize' }, { pass: 'quantize-static', parameters }];
    const pathOf = (body: unknown): Promise<unknown> =>
      lab.api('POST', '/recipes', body).then(String, (error: LabError) => [error.code, error.details.path]);
    expect(await pathOf({ ...recipe, steps: steps({ weights: 1 }) })).toEqual([
      'recipe.parameter',
      'steps[1].parameters.weights',
    ]);
    expect(await pathOf({ ...recipe, steps: [{ pass: 'shrink' }] })).toEqual(['recipe.invalid', 'steps[0].pass']);
    expect(await pathOf({ ...recipe, floor: { agreement: 2 }, steps: [] })).toEqual([
      'recipe.invalid',
      'floor.agreement',
    ]);
    await lab.api('POST', '/recipes', { ...recipe, steps: [] });
    expect(await lab.api('GET', '/recipes/mine')).toMatchObject({ risk: 'aggressive', floor: { agreement: 0.9 } });
  });

  it('[VAR-21] removing the model removes what was made elsewhere too', async () => {
    const { sha256 } = (await variants()).find((variant) => variant.recipe === 'micro')!.artifact!;
    expect((await lab.raw('GET', `/api/v1/artifacts/${sha256}`)).status).toBe(200);
    await lab.api('DELETE', '/models/net');
    expect((await lab.raw('GET', `/api/v1/artifacts/${sha256}`)).status).toBe(404);
  });

  /** Pushes a model and resolves in the middle of a build of it that takes seconds. */
  const building = async (name: string): Promise<void> => {
    const { id } = await pushSample(name, {});
    await lab.api('POST', '/variants', { model: name, recipes: ['prune-channels-50+int8'] });
    await lab
      .watch(`model/${id}`)
      .until((e) => [...e.variant.values()].find((v) => v.progress?.step === 'prune-channels'), 60_000);
    expect(readdirSync(temporary)).not.toEqual([]);
  };

  it('[VAR-6] removing a model ends the build of its variant and the process behind it; the next one is built', async () => {
    await building('doomed');
    await lab.api('DELETE', '/models/doomed');
    while (readdirSync(temporary).length > 0) await lab.api('GET', '/lab');
    await lab.push('next', { model: readFileSync(micro) });
    const [asked] = (
      await lab.api<{ items: Variant[] }>('POST', '/variants', { model: 'next', recipes: ['optimized'] })
    ).items;
    const settled = await lab
      .watch(`model/${asked!.modelId}`)
      .until((e) => [...e.variant.values()].find((v) => v.state === 'ready' || v.state === 'failed'), 60_000);
    expect(settled.state).toBe('ready');
    expect(lab.server.log).not.toContain('variant failed');
  }, 120_000);

  it('[VAR-6] a lab that stops ends the build, and no process of it stays', async () => {
    await building('stopped');
    await lab.server.stop();
    expect(readdirSync(temporary)).toEqual([]);
  }, 120_000);
});
