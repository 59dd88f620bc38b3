// The committed images are those of the sources, byte for byte.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { firmwareImages } from '@hilltop/firmware-bridge';
import { describe, expect, it } from '@jest/globals';
import { compilerVersion } from '../../firmware-bridge/firmware/build/compile.mjs';
import { describeWithCrossCompiler } from '../support/describe-with-qemu.js';

const build = fileURLToPath(new URL('../../firmware-bridge/firmware/build.mjs', import.meta.url));
const { compiler } = firmwareImages();

/** Other versions make other code: only the one that built the images can check them. */
const describeWithThatCompiler =
  compiler === `arm-none-eabi-gcc ${compilerVersion()}` ? describeWithCrossCompiler : describe.skip;

describeWithThatCompiler(`rebuilding the firmware with ${compiler}`, () => {
  it('gives the committed images', () => {
    const { status, stderr } = spawnSync(process.execPath, [build, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
