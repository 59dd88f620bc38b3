import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sweepFileSchema } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';

describe('schema of sweep files', () => {
  it('[SWEEP-21] the committed schema is that of the lab; `node server/dist/sweep-schema.js > contracts/docs/sweep.schema.json` renews it', () => {
    const committed: unknown = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../contracts/docs/sweep.schema.json'), 'utf8'),
    );
    expect(JSON.parse(JSON.stringify(sweepFileSchema()))).toEqual(committed);
  });

  it('[SWEEP-21] a person may leave away what has a default', () => {
    expect(sweepFileSchema()['required']).toEqual(['name', 'models', 'recipes']);
  });
});
