import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

/** Is there such a program on the path? */
export function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A suite that needs QEMU for Arm; without it it is skipped, and the set-up has said the line to type. */
export const describeWithQemu = onPath('qemu-system-arm') ? describe : describe.skip;

/** A suite that needs the cross compiler the images were built with; skipped likewise. */
export const describeWithCrossCompiler = onPath('arm-none-eabi-gcc') ? describe : describe.skip;

/** A suite that needs this machine's own C compiler; skipped likewise. */
export const describeWithCompiler = onPath('cc') ? describe : describe.skip;
