import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRecipe, recipeFiles, resolveRecipe } from '@hilltop/compression';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runCli } from '../run-cli.js';
import { type HttpLab, startHttpLab } from '../testing/http-lab.js';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { sampleModel } from '../testing/samples.js';

const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));
const model = example('models/fashion-resnet-micro.onnx');

// Real threads and children, on machines that may be busy.
jest.setTimeout(60_000);

let folder: string;
let lab: HttpLab | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hilltop-verb-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab?.close();
  lab = undefined;
});

async function run(argv: readonly string[], env: Record<string, string> = {}, isTerminal = false) {
  const terminal = memoryTerminal({ env, home: folder, isTerminal });
  const status = await runCli(argv, terminal);
  return { status, ...terminal.written };
}
const mine = { name: 'mine', title: 'Mine', description: 'Half the bits.', steps: [{ pass: 'fp16', parameters: {} }] };
function write(name: string, content: object): string {
  writeFileSync(join(folder, name), JSON.stringify(content));
  return join(folder, name);
}

/** A line that has these words in this order. */
const line = (...words: readonly string[]): RegExp =>
  new RegExp(words.map((word) => word.replace(/[.+*?()[\]\\]/g, '\\$&')).join('.*'));

describe('compress without a lab', () => {
  it('[COMP-20] [COMP-21] one document for --json: variants, statements, refusals; status 1 for a refusal', async () => {
    const { status, out, err } = await run([
      'compress',
      '-m',
      model,
      '-r',
      'int8-static',
      '-r',
      write('mine.json', mine),
      '--valid',
      example('data/fashion-validation.npz'),
      '-o',
      join(folder, 'out'),
      '--margin',
      '2',
      '--json',
    ]);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      source: model,
      variants: [
        { recipe: 'int8-static', error: { code: 'data.missing' } },
        { recipe: 'mine', screening: { items: 1000 }, noWorse: { margin: 0.02, verdict: 'holds' } },
      ],
    });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([
      'fashion-resnet-micro-mine.json',
      'fashion-resnet-micro-mine.onnx',
    ]);
    // No terminal, so whole lines.
    expect(err).toContain('[2/2] mine: step 1 of 3, fp16\n');
  });

  it('[COMP-25] for people: tables, remarks and remedies; progress stays on standard error', async () => {
    const { status, out, err } = await run(
      ['compress', '-m', model, '-r', 'all', '--valid', example('data/fashion-validation.npz')],
      { NO_COLOR: '1' },
      true,
    );
    expect(status).toBe(0);
    for (const word of [
      'int8-weights',
      'Accuracy',
      'against fp32',
      'no worse than fp32 by more than 1 point',
      '--calib C.npz [data.missing]',
    ])
      expect(out).toContain(word);
    expect(out).not.toContain('\r');
    expect(err).toContain('\r');
  });

  it('[COMP-20] a wrong recipe file, an unknown recipe and a wrong option are told before anything is made', async () => {
    const wrong = write('wrong.json', { ...mine, steps: [{ pass: 'quantize-weights', parameters: { bits: 5 } }] });
    const { status, err } = await run(['compress', '-m', model, '-r', wrong]);
    expect([status, err]).toEqual([1, expect.stringContaining('steps[0].parameters.bits: must be one of 8, 4')]);
    expect((await run(['compress', '-m', model, '-r', 'nothing-like-it'])).status).toBe(1);
    expect((await run(['compress', '-m', model])).status).toBe(2);
    expect((await run(['compress', '-m', model, '-r', 'fp32', '--margin', '1'])).status).toBe(2);
    expect((await run(['compress', '-m', join(folder, 'none.onnx'), '-r', 'fp32'])).status).toBe(2);
  });

  it('[SCREEN-5] there is no way to hand it the evaluation set as such', async () => {
    const { status, err } = await run(['compress', '-m', model, '-r', 'fp32', '--eval', 'e.npz']);
    expect([status, err]).toEqual([2, expect.stringContaining('--eval')]);
  });
});

describe('compress in a lab', () => {
  it('[COMP-20] data and recipe files belong to files; `all` is what the model has the data for', async () => {
    for (const stray of [
      ['--calib', 'c.npz'],
      ['--valid', 'v.npz'],
      ['--margin', '1'],
      ['-r', './mine.json'],
    ])
      expect((await run(['compress', '-m', 'net', '-r', 'fp32', ...stray])).status).toBe(2);
    const recipes = ['fp32', 'int8-static'].map(findRecipe);
    const variants = [
      { name: 'fp32', state: 'ready' },
      { name: 'own', state: 'ready' },
    ].map(({ name, state }) => ({
      id: `var_${name.padEnd(8, '0')}`,
      modelId: 'mod_00000001',
      recipe: name,
      recipeId: 'x',
      origin: 'recipe',
      state,
      metrics: {},
      steps: [],
      createdAt: '2026-03-01T11:00:00.000Z',
    }));
    lab = await startHttpLab(({ path, method }) => ({
      json: method === 'POST' ? { items: variants } : { items: path.endsWith('recipes') ? recipes : [sampleModel()] },
    }));
    expect((await run(['compress', '-m', 'net', '-r', 'all', '-r', 'own'], { HILLTOP_URL: lab.url })).status).toBe(0);
    expect(JSON.parse(lab.received.at(-1)!.body.toString())).toEqual({
      model: 'mod_00000001',
      recipes: ['fp32', 'own'],
    });
  });
});

describe('recipes', () => {
  it('[COMP-26] are listed with risk and needs, and shown with every parameter', async () => {
    const recipes = recipeFiles.map(resolveRecipe);
    lab = await startHttpLab(() => ({ json: { items: recipes } }));
    const env = { HILLTOP_URL: lab.url };
    const listed = await run(['recipes'], env);
    for (const { name, title, risk } of recipes) expect(listed.out).toMatch(line(name, risk ?? '', title));
    expect(listed.out).toMatch(line('int8-static', 'calibration'));
    expect(JSON.parse((await run(['recipes', '--json'], env)).out)).toEqual(recipes);
    const shown = await run(['recipes', 'show', 'int8-static'], env);
    for (const { pass, parameters } of findRecipe('int8-static').steps) {
      expect(shown.out).toContain(pass);
      for (const [name, value] of Object.entries(parameters))
        expect(shown.out).toMatch(line(name, Array.isArray(value) ? '' : `${value}`));
    }
  });

  it('[COMP-26] a file is shown resolved, and given to the lab as it is', async () => {
    const file = write('mine.json', mine);
    expect(JSON.parse((await run(['recipes', 'show', file, '--json'])).out)).toEqual(resolveRecipe(mine));
    lab = await startHttpLab(() => ({ json: resolveRecipe(mine) }));
    const added = await run(['recipes', 'add', file], { HILLTOP_URL: lab.url });
    expect([added.status, added.out]).toEqual([0, expect.stringContaining('Half the bits.')]);
    expect(lab.received.map(({ method, path, body }) => [method, path, JSON.parse(body.toString())])).toEqual([
      ['POST', '/api/v1/recipes', mine],
    ]);
    const wrong = write('wrong.json', { ...mine, steps: [{ pass: 'fp17' }] });
    expect((await run(['recipes', 'add', wrong], { HILLTOP_URL: lab.url })).status).toBe(1);
    expect(lab.received).toHaveLength(1);
  });
});
