import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hilltop-e2e-compress-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `hilltop compress` as a process; interrupted as by Ctrl-C when its standard error says `at`. */
function compress(recipes: readonly string[], output: string, at?: string) {
  const argv = [
    join(root, 'bin/hilltop.mjs'),
    ...['compress', '-m', join(root, 'examples/models/fashion-resnet.onnx'), '-o', output, '--json'],
    ...['--calib', join(root, 'examples/data/fashion-calibration.npz')],
    ...recipes.flatMap((recipe) => ['-r', recipe]),
  ];
  const child = spawn(process.execPath, argv, { env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder } });
  let [out, err] = ['', ''];
  let interrupted = false;
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    // Once: the second Ctrl-C ends a process at once.
    if (at !== undefined && !interrupted && err.includes(at)) interrupted = child.kill('SIGINT');
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out, err })),
  );
}

/** Everything in a folder: variants by name with what their records say of them. */
function contents(output: string) {
  const names = readdirSync(output).sort();
  const whole = names
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => {
      const record = JSON.parse(readFileSync(join(output, name.replace('.onnx', '.json')), 'utf8')) as {
        sha256: string;
      };
      return [
        name,
        createHash('sha256')
          .update(readFileSync(join(output, name)))
          .digest('hex') === record.sha256,
      ];
    });
  return { names, whole };
}

describe('hilltop compress', () => {
  it('[COMP-23] interrupted in the middle of a pass it keeps what is whole, and the next one goes on from there', async () => {
    const output = join(folder, 'out');
    const recipes = ['int8-weights', 'prune-channels-50'];
    const stopped = await compress(recipes, output, 'prune-channels\n');
    expect([stopped.code, JSON.parse(stopped.out)]).toEqual([1, expect.objectContaining({ code: 'run.cancelled' })]);
    expect(contents(output)).toEqual({
      names: ['fashion-resnet-int8-weights.json', 'fashion-resnet-int8-weights.onnx'],
      whole: [['fashion-resnet-int8-weights.onnx', true]],
    });
    const done = await compress(recipes, output);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({
      variants: [
        { recipe: 'int8-weights', reused: true },
        { recipe: 'prune-channels-50', reused: false },
      ],
    });
    expect(contents(output).whole).toEqual([
      ['fashion-resnet-int8-weights.onnx', true],
      ['fashion-resnet-prune-channels-50.onnx', true],
    ]);
    // Nor does a child leave its directory behind.
    expect(readdirSync(folder)).toEqual(['out']);
  }, 120_000);
});
