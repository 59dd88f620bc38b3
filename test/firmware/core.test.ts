// The firmware's kernels on this machine against a naive reference, and its plan loader against damaged plans, under sanitizers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithCompiler } from '../support/describe-with-qemu.js';

const firmware = fileURLToPath(new URL('../../firmware-bridge/firmware', import.meta.url));
const sanitizers = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O2', ...sanitizers];

describeWithCompiler("the firmware's core", () => {
  let folder: string;
  const build = (...names: string[]): string => {
    const core = ['core', 'core/kernels'].flatMap((place) =>
      readdirSync(join(firmware, place))
        .filter((name) => name.endsWith('.c'))
        .map((name) => `${place}/${name}`),
    );
    const program = join(folder, names[0]!);
    const sources = [...names, 'cases', 'plan-builder'].map((name) => `tests/${name}.c`);
    const result = spawnSync('cc', [...flags, ...sources, ...core, '-lm', '-o', program], {
      cwd: firmware,
      encoding: 'utf8',
    });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    return program;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-core-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // One seed that is always the same, one that never is; the number in the title of a failure repeats it.
  it.each([20261124, 1 + Math.floor(Math.random() * 2 ** 31)])(
    'computes every operator as its reference, bit for bit, from seed %d',
    (seed) => {
      const { status, stdout, stderr } = spawnSync(build('kernels-test', 'reference'), ['300', String(seed)], {
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.match(/: 300 of 300 cases/g)).toHaveLength(15);
    },
    120_000,
  );

  it.each([1, 1 + Math.floor(Math.random() * 2 ** 31)])(
    'keeps to its memory whatever a plan says, from seed %d',
    (seed) => {
      const { status, stdout, stderr } = spawnSync(build('fuzz'), ['200000', String(seed)], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const [, ran] = /mutated plans: (\d+) ran/.exec(stdout)!;
      expect(Number(ran)).toBeGreaterThan(10_000);
    },
    120_000,
  );
});
