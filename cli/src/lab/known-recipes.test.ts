import { recipeFiles } from '@hilltop/compression';
import { describe, expect, it } from '@jest/globals';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { LabClient } from './client.js';
import { defaultUrl } from './credentials.js';
import { findKnownRecipe, knownRecipes } from './known-recipes.js';

/** Somebody who named the lab `url`, or none; nothing answers, at whatever address. */
function nobodyThere(url: string, env: Record<string, string> = {}) {
  const said: string[] = [];
  const lab = new LabClient({ url: 'http://127.0.0.1:9', sleep: () => Promise.resolve() });
  return { lab, address: { url }, terminal: memoryTerminal({ env }), say: (text: string) => said.push(text), said };
}

describe('known recipes', () => {
  it('[COMP-26] without a lab those that ship, and it says so', async () => {
    const context = nobodyThere(defaultUrl);
    expect((await knownRecipes(context)).map(({ name }) => name)).toEqual(recipeFiles.map(({ name }) => name));
    expect(context.said).toHaveLength(1);
    expect((await findKnownRecipe(context, 'int8-static')).needsCalibration).toBe(true);
    await expect(findKnownRecipe(context, 'int8-statik')).rejects.toMatchObject({
      code: 'recipe.unknown',
      details: { suggestion: 'int8-static' },
    });
  });

  it('[COMP-26] a lab that was named and is not there is no reason to show others', async () => {
    for (const context of [nobodyThere('http://lab:7070'), nobodyThere(defaultUrl, { HILLTOP_URL: defaultUrl })])
      await expect(knownRecipes(context)).rejects.toMatchObject({ code: 'lab.unreachable' });
  });
});
