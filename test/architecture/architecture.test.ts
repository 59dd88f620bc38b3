import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Sources, specGaps, violations } from './rules.js';

const root = join(import.meta.dirname, '../..');

/** Every source that is, or is about to be, in the repository. */
function tree(): Map<string, string> {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.tsx'], {
    cwd: root,
    encoding: 'utf8',
  });
  return new Map(
    files
      .split('\n')
      .filter((f) => f !== '' && !f.startsWith('test/architecture/') && existsSync(join(root, f)))
      .map((f) => [f, readFileSync(join(root, f), 'utf8')]),
  );
}

const found = (file: string, text: string): string[] => violations(new Map([[file, text]])).map((v) => v.rule);

describe('architecture', () => {
  const sources = tree();

  it('holds in every source', () => {
    expect(sources.size).toBeGreaterThan(100);
    expect(violations(sources)).toEqual([]);
  });

  it('finds each planted violation', () => {
    expect(found('cli/src/x.ts', "import { boot } from '@hilltop/server';")).toEqual(['arrow']);
    expect(found('agent/src/x.ts', "import { prune } from '@hilltop/compression';")).toEqual(['arrow']);
    expect(found('agent/src/x.ts', "import { z } from '../../contracts/src/names.js';")).toEqual(['past-the-index']);
    expect(found('server/src/x.ts', "import { z } from '@hilltop/contracts/src/names.js';")).toEqual([
      'past-the-index',
    ]);
    expect(found('server/src/x.ts', "import { lab } from '../../test/lab.js';")).toEqual(['nothing-imports-tests']);
    expect(found('contracts/src/x.ts', "import { createHash } from 'node:crypto';")).toEqual([
      'contracts-on-zod-alone',
    ]);
    expect(found('contracts/src/x.ts', "import { z } from 'zod';")).toEqual(['zod-namespace']);
    expect(found('server/src/jobs/x.ts', "import { Run } from '../runs/run.entity.js';")).toEqual(['noun-order']);
    expect(found('server/src/jobs/x.ts', "import mqtt from 'mqtt';")).toEqual(['room']);
    expect(found('server/src/jobs/x.ts', "const ort = await import('onnxruntime-node');")).toEqual(['room']);
    expect(found('server/src/jobs/x.ts', 'await this.reader.getRepository(Job).save(job);')).toEqual(['write-gate']);
    expect(found('server/src/jobs/x.ts', 'await source.transaction(async () => {});')).toEqual(['write-gate']);
    expect(found('dashboard/src/x.tsx', '<p dangerouslySetInnerHTML={{ __html: x }} />')).toEqual(['no-raw-html']);
    for (const text of [
      'const set = model.evaluation;',
      'const { evaluation: chosen } = model;',
      'read(row.evaluationSha256);',
      "packs['evaluation'];",
      "options.text('eval');",
      "const usage = 'choose with --eval E.npz';",
    ]) {
      for (const file of [
        'compression/src/passes/x.ts',
        'server/src/variants/x.ts',
        'server/src/recipes/x.ts',
        'server/src/sweeps/x.ts',
        'cli/src/verbs/compress.ts',
      ])
        expect(found(file, text)).toEqual(['evaluation-set']);
    }
    expect(found('server/src/x.ts', '\n'.repeat(401))).toEqual(['length']);
  });

  it('leaves what is allowed alone', () => {
    expect(
      found(
        'server/src/runs/x.ts',
        "import { Job } from '../jobs/job.entity.js';\nimport * as z from 'zod';\nimport { Id } from '@hilltop/contracts';",
      ),
    ).toEqual([]);
    expect(found('server/src/runs/x.ts', 'run.evaluationSha256 = model.evaluation?.sha256;')).toEqual([]);
    expect(
      found('server/src/variants/x.ts', '/** Never the evaluation set. */ host.evaluate(x); // no evaluation'),
    ).toEqual([]);
    expect(found('compression/src/x.ts', 'const done: Evaluation = await host.evaluate(x);')).toEqual([]);
  });
});

describe('SPEC', () => {
  const tests: Sources = new Map([...tree()].filter(([f]) => /\.test\.tsx?$/.test(f)));

  it('has a test for every rule, and no test quotes a rule that is not there', () => {
    expect(specGaps(readFileSync(join(root, 'contracts/SPEC.md'), 'utf8'), tests)).toEqual({
      untested: [],
      unknown: [],
    });
  });

  it('finds each planted violation', () => {
    const planted: Sources = new Map([
      ['a.test.ts', "it('[RUN-1] [RUN-9] x', () => {}); // [RUN-2] only in a comment"],
    ]);
    expect(specGaps('- [RUN-1] one.\n- [RUN-2] two.\n', planted)).toEqual({ untested: ['RUN-2'], unknown: ['RUN-9'] });
  });
});
