import { isLabError, SweepFile } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { parseSweepFile, readSweepFile } from './read-sweep-file.js';

const issuesOf = (text: string): unknown => {
  try {
    return parseSweepFile(text, 'a.yaml');
  } catch (error) {
    if (!isLabError(error, 'sweep.invalid')) throw error;
    return (error.details['issues'] as { line: number; column: number; path: string }[]).map(
      ({ line, column, path }) => `${line}:${column} ${path}`,
    );
  }
};
const head = 'name: night\nmodels: [net]\nrecipes: [fp32]\n';

describe('sweep files', () => {
  it('[SFILE-1] YAML and JSON are read alike, as they are written', () => {
    const yaml = `${head}settings: {threads: [1, 2]}\nobjectives:\n  - metric: latency_p50_ms\n  - metric: accuracy\n`;
    const json = JSON.stringify(parseSweepFile(yaml, 'a.yaml'), undefined, '\t');
    expect(parseSweepFile(json, 'a.json')).toEqual({
      name: 'night',
      models: ['net'],
      recipes: ['fp32'],
      settings: { threads: [1, 2] },
      objectives: [{ metric: 'latency_p50_ms' }, { metric: 'accuracy' }],
    });
    expect(SweepFile.parse(parseSweepFile(head, 'a.yaml'))).toMatchObject({ protocol: 'standard', control: 'fp32' });
    expect(issuesOf('a: &x [net]\nb: *x\n')).toContainEqual('1:1 a');
    expect(parseSweepFile('name: &net net\nmodels: [*net]\nrecipes: [fp32]\n', 'a.yaml')).toMatchObject({
      models: ['net'],
    });
  });

  it.each([
    ['what is missing', 'name: night\nrecipes: [fp32]\n', ['1:1 models']],
    ['an unknown key', `${head}protocl: quick\n`, ['4:1 protocl']],
    ['an unknown key below', `${head}budget:\n  minutes: 3\n`, ['5:3 budget.minutes']],
    ['a word that is none', `${head}protocol: slow\n`, ['4:11 protocol']],
    ['another kind of value', `${head}settings:\n  threads: 2\n`, ['5:12 settings.threads']],
    ['a number out of range', `${head}settings:\n  threads: [1, 0]\n`, ['5:16 settings.threads[1]']],
    ['a recipe that is none', 'name: n\nmodels: [net]\nrecipes:\n  - fp32\n  - 7\n', ['5:5 recipes[1]']],
    [
      'a choice of recipes',
      'name: n\nmodels: [net]\nrecipes:\n  - recipe: prune\n    vary:\n      x: [1]\n',
      ['6:7 recipes[0].vary.x'],
    ],
    [
      'a key of a choice',
      'name: n\nmodels: [net]\nrecipes:\n  - recipe: prune\n    varied: {}\n',
      ['5:5 recipes[0].varied', '4:5 recipes[0].vary'],
    ],
    [
      'a metric that is none',
      `${head}objectives: [{metric: latency}, {metric: accuracy}]\n`,
      ['4:23 objectives[0].metric'],
    ],
    ['a constraint that is none', `${head}constraints: ["accuracy>=90%", "small"]\n`, ['4:32 constraints[1]']],
    [
      'several at once, in the order of the file',
      'models: []\nname: night\nprotocol: 3\n',
      ['1:1 recipes', '1:9 models', '3:11 protocol'],
    ],
    ['nothing at all', '', ['1:1 ']],
    ['two documents', `${head}---\n${head}`, ['4:1 ']],
    ['a key twice', `${head}name: day\n`, ['4:1 ']],
    ['no YAML', 'name: [night\nmodels: x\n', expect.arrayContaining(['2:1 '])],
  ])('[SFILE-2] %s is told with line, column and path', (_, text, places) => {
    const found = issuesOf(text);
    expect(Array.isArray(places) ? [...(found as string[])].sort() : found).toEqual(
      Array.isArray(places) ? [...places].sort() : places,
    );
  });

  it('[SFILE-2] an issue says the file, what was expected and the nearest word', () => {
    try {
      parseSweepFile(`${head}protocl: quick\nsettings: {graphLevels: [al]}\n`, 'night.yaml');
    } catch (error) {
      const lines = (error as Error).message.split('\n');
      expect(lines[0]).toBe('night.yaml:4:1: protocl: is no key here; did you mean protocol?');
      expect(lines[1]).toMatch(/^night\.yaml:5:26: settings\.graphLevels\[0\]: expected all /);
    }
    expect.assertions(2);
  });

  it('[SFILE-3] a file that is not there, or no file, is wrong use; bombs are refused', async () => {
    await expect(readSweepFile('/nothing/here.yaml')).rejects.toMatchObject({ code: 'usage.invalid' });
    await expect(readSweepFile('/')).rejects.toMatchObject({ code: 'usage.invalid' });
    const level = (i: number): string =>
      `l${i}: &l${i} [${Array(10)
        .fill(`*l${i - 1}`)
        .join(', ')}]\n`;
    expect(issuesOf(`l0: &l0 [x]\n${[1, 2, 3, 4, 5, 6].map(level).join('')}`)).toEqual(['1:1 ']);
  });
});
