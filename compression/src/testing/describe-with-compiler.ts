import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const inCi = process.env['CI'] === 'true';
if (!hasCompiler && !inCi)
  process.stdout.write('skipped: no C compiler `cc` on the path (Debian: apt-get install build-essential)\n');

/** A suite that needs this machine's C compiler. Without one it is skipped and says why; in CI, where there is one, it fails. */
export const describeWithCompiler = hasCompiler || inCi ? describe : describe.skip;
