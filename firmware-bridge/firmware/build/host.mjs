import { run } from './compile.mjs';
import { filesBelow, program, sharedSources } from './sources.mjs';

const compiler = process.env.CC ?? 'cc';
const flags = ['-std=c11', '-D_POSIX_C_SOURCE=200809L', '-Wall', '-Wextra', '-Werror', '-g'];
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];

/** Builds the firmware as a program of this machine; `CC` names another compiler. */
export function buildHost(output) {
  run(compiler, [...flags, '-O2', ...sharedSources(), ...program, 'boards/host/port.c', '-o', output]);
}

/** Builds the program that throws damaged traffic at the firmware, with the sanitizers watching. */
export function buildFuzz(output) {
  const sources = [...sharedSources(), 'boards/device.c', ...filesBelow('fuzz', ['.c'])];
  run(compiler, [...flags, '-O1', ...sanitizers, ...sources, '-o', output]);
}
