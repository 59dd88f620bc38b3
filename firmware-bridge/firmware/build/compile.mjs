import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firmware, program, sharedSources } from './sources.mjs';

const prefix = 'arm-none-eabi-';

const strict = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-Wshadow', '-Wconversion', '-Wno-sign-conversion', '-Wundef'];
// Kernels are what is measured, and bench/ measures them at this level; the rest had better be small.
const optimized = (path) => (path.startsWith('core/') ? '-O2' : '-Os');

/** Runs a program in the firmware's folder and returns what it printed; throws with what it complained about. */
export function run(program, args) {
  const result = spawnSync(program, args, { cwd: firmware, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (result.error) throw new Error(`${program} could not be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** "12.2.1 20221205", or undefined where there is no cross compiler. */
export function compilerVersion() {
  const result = spawnSync(`${prefix}gcc`, ['--version'], { encoding: 'utf8' });
  return result.status === 0 ? /\) (.+)\n/.exec(result.stdout)?.[1] : undefined;
}

/**
 * Compiles and links one board's program in the folder `out`; returns the image's bytes and its sizes. The same sources and compiler
 * give the same bytes wherever the clone is: no paths, no times, sorted inputs.
 */
export function compile(board, out) {
  mkdirSync(out, { recursive: true });
  const flags = [
    ...board.cpu,
    ...strict,
    '-ffreestanding',
    '-masm-syntax-unified',
    '-fno-common',
    '-ffunction-sections',
    '-fdata-sections',
    '-fno-unwind-tables',
    '-fno-asynchronous-unwind-tables',
    `-DHT_INTERRUPTS=${board.interrupts}`,
    ...(board.defines ?? []),
  ];
  const objects = [...sharedSources(), ...program, ...board.sources].sort().map((source) => {
    const object = join(out, `${source.replaceAll('/', '-')}.o`);
    run(`${prefix}gcc`, [...flags, optimized(source), `-ffile-prefix-map=${firmware}=.`, '-c', source, '-o', object]);
    return object;
  });
  const elf = join(out, `${board.name}.elf`);
  const link = ['-nostdlib', '-Wl,--gc-sections', '-Wl,--fatal-warnings', '-Wl,--no-warn-rwx-segments', '-Wl,--build-id=none', '-L', 'boards/cortex-m'];
  run(`${prefix}gcc`, [...board.cpu, ...link, '-T', board.script, ...objects, '-lgcc', '-o', elf]);
  const binary = join(out, `${board.name}.bin`);
  run(`${prefix}objcopy`, ['-O', 'binary', elf, binary]);
  return { image: readFileSync(binary), sizes: sizes(elf) };
}

/** Assembles the 256 bytes in front of the Pico's flash image. */
export function assembleBoot2(source, out) {
  const object = join(out, 'boot2.o');
  const binary = join(out, 'boot2.bin');
  run(`${prefix}gcc`, ['-mcpu=cortex-m0plus', '-mthumb', `-ffile-prefix-map=${firmware}=.`, '-c', source, '-o', object]);
  run(`${prefix}objcopy`, ['-O', 'binary', '-j', '.text', object, binary]);
  return readFileSync(binary);
}

/** Bytes of program and constants, of cleared data (without the stack), of the stack. */
function sizes(elf) {
  const lines = run(`${prefix}size`, ['-A', '-d', elf]).split('\n');
  const bytes = (section) => Number(lines.find((line) => line.startsWith(`${section} `))?.split(/\s+/)[1] ?? 0);
  return { text: bytes('.text'), data: bytes('.data'), bss: bytes('.bss') + bytes('.noinit'), stack: bytes('.stack') };
}
