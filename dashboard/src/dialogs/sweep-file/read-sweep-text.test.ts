import { describe, expect, it } from '@jest/globals';
import { previewWords } from './preview-words.js';
import { errorLine, readSweepText } from './read-sweep-text.js';

const errors = (text: string) => {
  const read = readSweepText(text);
  return 'errors' in read ? read.errors : [];
};

describe('a sweep file in the page', () => {
  it('[NIGHT-11] is taken as it is written: defaults are the lab’s', () => {
    expect(readSweepText('name: night\nmodels: [net]\nrecipes: [int8-static]\n')).toEqual({
      file: { name: 'night', models: ['net'], recipes: ['int8-static'] },
    });
    expect(readSweepText('{"name":"n","models":["m"],"recipes":["fp32"]}')).toMatchObject({ file: { name: 'n' } });
  });

  it('[NIGHT-11] says what is wrong and in which line', () => {
    expect(errors('name: night\nmodels: [net]\nrecipes: [int8-static]\nprotocol: fast\n')).toMatchObject([
      { line: 4, path: 'protocol' },
    ]);
    expect(errors('name: a\nmodels: [net]\nrecipes: [fp32]\nconstraints:\n  - nonsense\n')).toMatchObject([
      { line: 5, path: 'constraints[0]' },
    ]);
    expect(errors('a: [1\nb: 2')[0]!.line).toBeGreaterThan(0);
    expect(errors('  ').map(errorLine)).toEqual(['write, paste or choose a sweep file']);
    expect(errors('models: [net]').map(({ path }) => path)).toEqual(['name', 'recipes']);
    expect(errorLine({ line: 3, path: 'recipes[1].vary', message: 'no' })).toBe('line 3, recipes[1].vary: no');
  });

  it('[NIGHT-11] tells the count and, where the lab knows, the cost', () => {
    const place = (deviceId: string) => ({ deviceId, deviceName: 'pi', modelName: 'net', points: 3 });
    const preview = { points: 6, places: [place('dev_a'), place('dev_b')], leftOut: [], recipes: [] };
    expect(previewWords({ ...preview, estimatedDeviceMinutes: 41.4 })).toBe(
      '6 points on 2 devices; about 41 device minutes',
    );
    expect(previewWords({ ...preview, points: 1, places: [place('dev_a')] })).toMatch(
      /^1 point on 1 device; .*not known/,
    );
  });
});
