import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipeFiles } from '@hilltop/compression';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chooseRecipes } from './chosen-recipes.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hilltop-recipes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | object): string {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}
const mine = (steps: readonly object[], name = 'mine') => ({ name, title: 'Mine', description: '', steps });

describe('chosen recipes', () => {
  it('[COMP-20] names, files and all, each recipe once', async () => {
    const file = write('mine.json', mine([{ pass: 'fp16' }]));
    const chosen = await chooseRecipes(['all', file, 'fp16', `./${file}`], folder);
    expect(chosen.map(({ recipe }) => recipe.name)).toEqual([...recipeFiles.map(({ name }) => name), 'mine']);
    expect(chosen.filter(({ byAll }) => !byAll).map(({ recipe }) => recipe.name)).toEqual(['fp16', 'mine']);
  });

  it('[COMP-20] what is wrong with a file is named by file and path', async () => {
    const wrong: [string | object, string, string | undefined][] = [
      [mine([{ pass: 'quantize-weights', parameters: { bits: 5 } }]), 'recipe.parameter', 'steps[0].parameters.bits'],
      [mine([{ pass: 'fp16' }, { pass: 'fp17' }]), 'recipe.invalid', 'steps[1].pass'],
      [mine([{ pass: 'fp16', parameters: { speed: 1 } }]), 'recipe.parameter', 'steps[0].parameters.speed'],
      [{ ...mine([]), floor: { agreement: 2 } }, 'recipe.invalid', 'floor.agreement'],
      ['{"name": ', 'recipe.invalid', ''],
    ];
    for (const [content, code, path] of wrong) {
      const file = write('wrong.json', content);
      const error = await chooseRecipes([file], folder).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, details: { path, file: join(folder, file) } });
      expect((error as Error).message).toContain(`${join(folder, file)}: ${path}`);
    }
    await expect(chooseRecipes(['./none.json'], folder)).rejects.toMatchObject({ code: 'usage.invalid' });
  });

  it('[COMP-20] an unknown name has the nearest one beside it; two different ones of a name are refused', async () => {
    await expect(chooseRecipes(['int8-sttic'], folder)).rejects.toMatchObject({
      code: 'recipe.unknown',
      details: { suggestion: 'int8-static' },
    });
    const file = write('fp16.json', mine([{ pass: 'optimize' }], 'fp16'));
    await expect(chooseRecipes(['fp16', file], folder)).rejects.toMatchObject({ code: 'usage.invalid' });
    expect((await chooseRecipes([file], folder))[0]!.recipe.title).toBe('Mine');
  });
});
