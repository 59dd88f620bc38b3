import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deviceType, parseBoard, parseCpu, readFacts } from './facts.js';
import {
  highestFrequencyKhz,
  parsePressure,
  parseSchedstat,
  parseStat,
  readKernelCounters,
} from './kernel-counters.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hilltop-root-'));
});
afterEach(() => rm(root, { recursive: true }));

async function tree(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

const pi4 = {
  'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
  'proc/cpuinfo': `${[0, 1, 2, 3].map((n) => `processor\t: ${n}\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n`).join('\n')}\nRevision\t: c03114\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n`,
  'proc/meminfo': 'MemTotal:        3884344 kB\nMemAvailable:    3321100 kB\n',
  'proc/sys/kernel/osrelease': '6.6.31+rpt-rpi-v8\n',
  'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\n',
  'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'ondemand\n',
  'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1500000\n',
  'sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq': '1800000\n',
  'sys/class/thermal/thermal_zone0/temp': '48312\n',
  'proc/self/schedstat': '12345 678 9\n',
  'proc/self/status': 'VmHWM:\t   98764 kB\nnonvoluntary_ctxt_switches:\t41\n',
  'proc/stat': 'cpu  100 2 30 4000 5 0 7 0 0 0\ncpu0 25 1 8 1000 1 0 2 0 0 0\n',
  'proc/vmstat': 'nr_free_pages 1\npswpin 0\npswpout 0\n',
};
const runtime = { name: 'onnxruntime' as const, version: '1.30.0', providers: ['cpu'] };

describe('readFacts', () => {
  it('[AGENT-11] knows a Raspberry Pi from its device tree', async () => {
    await tree(pi4);
    const facts = readFacts(root, [runtime]);
    expect(facts).toEqual({
      board: 'Raspberry Pi 4 Model B Rev 1.4',
      cpu: 'Cortex-A72',
      cpuFeatures: ['asimd'],
      cores: 4,
      memoryBytes: 3_884_344 * 1024,
      arch: process.arch,
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.6.31+rpt-rpi-v8',
      node: process.versions.node,
      runtimes: [runtime],
      powerMode: 'ondemand',
      evidence: ['schedstat', 'steal', 'switches', 'swap', 'temperature', 'frequency'],
    });
    expect(deviceType(facts)).toBe('Raspberry Pi 4 Model B Rev 1.4/onnxruntime 1.30.0/ondemand');
  });

  it('[AGENT-11] knows a PC from its DMI and its processor', async () => {
    await tree({
      'sys/devices/virtual/dmi/id/sys_vendor': 'LENOVO\n',
      'sys/devices/virtual/dmi/id/product_name': '21F9S0XX00\n',
      'proc/cpuinfo':
        'processor\t: 0\nmodel name\t: AMD Ryzen 7 PRO 7840U w/ Radeon 780M Graphics\nflags\t\t: fpu vme sse4_1 avx2 avx512_vnni ht\n',
      'proc/pressure/cpu':
        'some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    });
    const facts = readFacts(root, []);
    expect([facts.board, facts.cpu, facts.cpuFeatures, facts.cores, facts.evidence, facts.powerMode]).toEqual([
      'LENOVO 21F9S0XX00',
      'AMD Ryzen 7 PRO 7840U w/ Radeon 780M Graphics',
      ['sse4_1', 'avx2', 'avx512_vnni'],
      1,
      ['psi'],
      undefined,
    ]);
    expect(deviceType(facts)).toBe('LENOVO 21F9S0XX00/no runtime/default');
  });

  it('[AGENT-11] leaves out what it does not find, and placeholders', () => {
    const facts = readFacts(root, []);
    expect([facts.board, facts.powerMode, facts.evidence, facts.cpuFeatures]).toEqual([undefined, undefined, [], []]);
    expect(parseBoard(undefined, { vendor: 'To Be Filled By O.E.M.', product: 'System Product Name' })).toBeUndefined();
    expect(parseBoard(undefined, { vendor: 'Default string', product: 'NUC13' })).toBe('NUC13');
    expect(parseCpu('CPU part\t: 0xfff\n')).toEqual({ name: 'Arm part 0xfff', features: [] });
  });
});

describe('kernel counters', () => {
  it('[MEAS-17] are read where the kernel tells, NaN where it does not', async () => {
    await tree({
      ...pi4,
      'proc/self/task/10/schedstat': '1000 20 3\n',
      'proc/self/task/11/schedstat': '500 5 1\n',
      'proc/self/stat': '10 (a ) b) S 1 10 10 0 -1 4194560 900 0 7 0 1 1 0 0 20 0 11 0 100',
      'sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count': '3\n',
      'sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count': '4\n',
      'sys/class/thermal/thermal_zone1/temp': '-127000\n',
      'sys/class/thermal/thermal_zone2/temp': '51000\n',
    });
    expect(readKernelCounters(root)).toEqual({
      runNs: 1500,
      waitNs: 25,
      psiCpuSomeUs: Number.NaN,
      stealTicks: 0,
      totalTicks: 4144,
      involuntarySwitches: 41,
      majorFaults: 7,
      swapInPages: 0,
      throttleCount: 7,
      temperatureC: 51,
    });
    expect(highestFrequencyKhz(root)).toBe(1_800_000);
  });

  it('parsers take what kernels write', () => {
    expect(parsePressure('some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459\n')).toBe(58_761_459);
    expect(parsePressure('')).toBeNaN();
    expect(parseSchedstat('0 0 0')).toEqual({ runNs: 0, waitNs: 0 });
    expect(parseSchedstat('')).toBeUndefined();
    expect(parseStat('cpu  1 2 3 4 5 6 7 8 9 10\n')).toEqual({ stealTicks: 8, totalTicks: 36 });
  });
});
