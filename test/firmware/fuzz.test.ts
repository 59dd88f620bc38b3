// Damaged and invented traffic at the firmware's parsers, server and plan loader, under AddressSanitizer and UndefinedBehaviorSanitizer.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { buildFuzz } from '../../firmware-bridge/firmware/build/host.mjs';
import { describeWithCompiler } from '../support/describe-with-qemu.js';

const cases = 100_000;

describeWithCompiler('fuzzing the firmware', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-fuzz-'));
    buildFuzz(join(folder, 'fuzz'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // One seed that is always the same, one that never is; the number in the title of a failure repeats it.
  it.each([1, Math.floor(Math.random() * 2 ** 31)])(`finds nothing in ${cases} cases from seed %d`, (seed) => {
    const { status, stdout, stderr } = spawnSync(join(folder, 'fuzz'), [String(cases), String(seed)], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // It got past the framing: most frames are answered, and sound plans were among what it sent.
    const [, answers, plans] = /cases, (\d+) answers, (\d+) sound plans/.exec(stdout)!;
    expect(Number(answers)).toBeGreaterThan(cases / 2);
    expect(Number(plans)).toBeGreaterThan(cases / 100);
  });
});
