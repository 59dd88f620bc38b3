import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './lib.mjs';

// What test suites use if it is there: Debian package -> programs on the path, or files, any of which will do.
// `prlimit` also caps the memory of measured runs.
const wanted = {
  chromium: ['chromium'],
  mosquitto: ['mosquitto'],
  'util-linux': ['prlimit'],
  procps: ['ps'],
  // A serial port between two programs.
  socat: ['socat'],
  // The firmware: on emulated boards, from its sources, and as a program of this machine.
  'qemu-system-arm': ['qemu-system-arm'],
  'gcc-arm-none-eabi': ['arm-none-eabi-gcc'],
  'build-essential': ['cc'],
  // The agent on 64-bit Arm, by emulation.
  'qemu-user-static': ['qemu-aarch64-static'],
  'libc6-arm64-cross': ['/usr/aarch64-linux-gnu/lib/libc.so.6'],
  'libstdc++6-arm64-cross': ['/usr/aarch64-linux-gnu/lib/libstdc++.so.6'],
};

const policy = '/usr/sbin/policy-rc.d';
const remedy = 'Mend apt, or run without CI and HILLTOP_SETUP: the suites that need it are then skipped.';

/** Installs what suites need from the system where that was asked for; says the line to type where it was not. */
export function systemPackages() {
  if (process.platform !== 'linux') return false;
  const packages = Object.keys(wanted).filter((name) => !wanted[name].some(onPath));
  if (packages.length === 0) return false;
  const asked = process.env.CI === 'true' || process.env.HILLTOP_SETUP === 'apt';
  if (!asked || !isRoot() || !isDebian()) {
    // Only to who runs the tests: `npm start` needs none of these.
    if (process.env.npm_lifecycle_event?.startsWith('pretest')) {
      const sudo = isRoot() ? '' : 'sudo ';
      process.stderr.write(`set-up: for every suite to run: ${sudo}apt-get install -y ${packages.join(' ')}\n`);
    }
    return false;
  }
  // Debian starts a service as it is installed; this is its own switch against that.
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['-qq', 'update'], { env, remedy });
    run('apt-get', ['-qq', '-y', 'install', '--no-install-recommends', ...packages], { env, remedy });
    // Nor shall it start with the next boot: a lab's own broker wants its port.
    if (packages.includes('mosquitto') && onPath('systemctl')) run('systemctl', ['disable', 'mosquitto'], { remedy });
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  return true;
}

function onPath(program) {
  if (program.startsWith('/')) return existsSync(program);
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isRoot() {
  return process.getuid?.() === 0;
}

function isDebian() {
  return existsSync('/usr/bin/apt-get') && existsSync('/etc/debian_version');
}
