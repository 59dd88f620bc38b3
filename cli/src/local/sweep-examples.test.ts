import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SweepFile, sweepFileKeys, sweepFileSchema } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { parseCommand } from '../shell/parse-command.js';
import { readSweepFile } from './read-sweep-file.js';
import { sampleNames } from './sample-models.js';

const root = new URL('../../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const recipeNames = readdirSync(new URL('compression/recipes/', root)).map((name) => name.replace(/\.json$/, ''));
const examples = readdirSync(new URL('examples/sweeps/', root));

describe('published sweep files', () => {
  it('[SFILE-4] contracts/docs/sweep.schema.json is what `hilltop sweep schema` prints: write it there again', () => {
    expect(JSON.parse(text('contracts/docs/sweep.schema.json'))).toEqual(JSON.parse(JSON.stringify(sweepFileSchema())));
  });

  it('[SFILE-4] the schema knows every field, says of each what it is, and demands no more than the lab', () => {
    const { properties = {}, required } = sweepFileSchema();
    expect(Object.keys(properties).sort()).toEqual(Object.keys(SweepFile.shape).sort());
    for (const [name, field] of Object.entries(properties))
      expect([name, typeof field['description']]).toEqual([name, 'string']);
    expect(required).toEqual(['name', 'models', 'recipes']);
    expect(sweepFileKeys(['recipes', 0])).toEqual(['recipe', 'vary']);
    expect(sweepFileKeys(['budget'])).toEqual(['runs', 'deviceMinutes', 'wallMinutes']);
    expect(sweepFileKeys(['protocol', 'x'])).toEqual([]);
  });

  it('[SFILE-4] docs/sweeps.md names every field', () => {
    const page = text('docs/sweeps.md');
    for (const field of sweepFileKeys([])) {
      const below = sweepFileKeys([field]);
      const wanted = below.length > 0 ? below.map((key) => `\`${field}.${key}\``) : [`\`${field}\``];
      for (const name of wanted) expect(page).toContain(name);
    }
  });

  it.each(examples)('[SFILE-5] examples/sweeps/%s names what the demo has', async (name) => {
    const path = fileURLToPath(new URL(`examples/sweeps/${name}`, root));
    const file = SweepFile.parse(await readSweepFile(path));
    expect([...sampleNames]).toEqual(expect.arrayContaining(file.models));
    const recipes = file.recipes.map((recipe) => (typeof recipe === 'string' ? recipe : recipe.recipe));
    expect(recipeNames).toEqual(expect.arrayContaining([...recipes, file.control]));
    expect(text(`examples/sweeps/${name}`).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../contracts/docs/sweep.schema.json',
    );
  });

  it('[SFILE-5] the workflow for pull requests calls verbs that are there, on a file that is there', () => {
    const workflow = parse(text('examples/github-actions/gate.yml')) as {
      jobs: Record<string, { steps: { run?: string }[] }>;
    };
    const script = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    const lines = script.join('\n').replaceAll('\\\n', ' ');
    const calls = [...lines.matchAll(/^\s*hilltop (.*?)(?: > .*| \|\| .*)?$/gm)].map(([, words]) =>
      [...words!.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replace(/^["']|["']$/g, '')),
    );
    const verbs = calls.map((argv) => {
      const parsed = parseCommand(argv);
      return parsed.kind === 'command' ? parsed.command.spec.verb : parsed.kind;
    });
    expect(verbs).toEqual(['sweep run', 'gate', 'sweep cancel']);
    const [file] = /examples\/sweeps\/\S+\.yaml/.exec(lines) ?? [];
    expect(examples.map((name) => `examples/sweeps/${name}`)).toContain(file);
  });
});
