import { arch, cpus, release, totalmem } from 'node:os';
import type { DeviceFacts, Runtime } from '@hilltop/contracts';
import {
  highestFrequencyKhz,
  hottestZone,
  list,
  parsePressure,
  parseSchedstat,
  parseStat,
  parseStatus,
  parseVmstat,
  readText,
} from './kernel-counters.js';
import { discoverSensors } from './sensors/index.js';
import { askNvpmodel } from './sensors/nvpmodel.js';
import type { Found, Surroundings as SensorSurroundings } from './sensors/sensor-source.js';

/** Features that decide which kernels a runtime picks; the other hundred flags say nothing about speed here. */
const tellingFeatures = new Set([
  'sse4_1',
  'sse4_2',
  'avx',
  'avx2',
  'fma',
  'f16c',
  'avx_vnni',
  'avx512f',
  'avx512bw',
  'avx512dq',
  'avx512vl',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_tile',
  'amx_int8',
  'amx_bf16',
  'asimd',
  'asimdhp',
  'asimddp',
  'fphp',
  'i8mm',
  'bf16',
  'sve',
  'sve2',
  'sme',
  'neon',
]);

/** Device-tree model (NUL-terminated), or the DMI product; placeholders of board vendors are no name. */
export function parseBoard(
  deviceTree: string | undefined,
  dmi: { vendor?: string | undefined; product?: string | undefined },
): string | undefined {
  const tree = clean(deviceTree);
  if (tree) return tree;
  const product = clean(dmi.product);
  if (!product || placeholders.test(product)) return undefined;
  const vendor = clean(dmi.vendor);
  return vendor && !placeholders.test(vendor) && !product.startsWith(vendor) ? `${vendor} ${product}` : product;
}
const placeholders = /^(to be filled|default string|system product name|not specified|none|o\.e\.m)/i;

function clean(text: string | undefined): string | undefined {
  const out = text?.replace(/\0/g, '').replace(/\s+/g, ' ').trim().slice(0, 200);
  return out || undefined;
}

/** Processor's name and telling features from /proc/cpuinfo, x86 and Arm. */
export function parseCpu(cpuinfo: string): { name?: string; features: string[] } {
  const field = (key: string): string | undefined =>
    clean(new RegExp(`^${key}\\s*:\\s*(.+)$`, 'mi').exec(cpuinfo)?.[1]);
  const part = field('CPU part');
  const name =
    field('model name') ?? (part && (armParts[part.toLowerCase()] ?? `Arm part ${part}`)) ?? field('Hardware');
  const features =
    (field('flags') === undefined ? /^Features\s*:\s*(.+)$/m : /^flags\s*:\s*(.+)$/m)
      .exec(cpuinfo)?.[1]
      ?.split(/\s+/) ?? [];
  return { ...(name && { name }), features: features.filter((f) => tellingFeatures.has(f)).slice(0, 64) };
}

/** Arm's part numbers (MIDR_EL1) of the cores on common boards. */
const armParts: Record<string, string> = {
  '0xd03': 'Cortex-A53',
  '0xd04': 'Cortex-A35',
  '0xd05': 'Cortex-A55',
  '0xd07': 'Cortex-A57',
  '0xd08': 'Cortex-A72',
  '0xd09': 'Cortex-A73',
  '0xd0a': 'Cortex-A75',
  '0xd0b': 'Cortex-A76',
  '0xd0c': 'Neoverse-N1',
  '0xd40': 'Neoverse-V1',
  '0xd41': 'Cortex-A78',
  '0xd42': 'Cortex-A78AE',
  '0xd49': 'Neoverse-N2',
};

/** `PRETTY_NAME` of /etc/os-release. */
export function parseOs(osRelease: string | undefined): string | undefined {
  return clean(/^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease ?? '')?.[1]);
}

/** Kernel sources a run's verdict can draw on, by the names the evidence columns come from. */
export function evidenceSources(root: string): string[] {
  const read = (path: string): string => readText(root, path) ?? '';
  const there: Record<string, boolean> = {
    schedstat: parseSchedstat(read('proc/self/schedstat')) !== undefined,
    psi: !Number.isNaN(parsePressure(read('proc/pressure/cpu'))),
    steal: !Number.isNaN(parseStat(read('proc/stat')).stealTicks),
    switches: !Number.isNaN(parseStatus(read('proc/self/status'), 'nonvoluntary_ctxt_switches')),
    swap: !Number.isNaN(parseVmstat(read('proc/vmstat'), 'pswpin')),
    throttle: list(root, 'sys/devices/system/cpu').some(
      (cpu) => readText(root, `sys/devices/system/cpu/${cpu}/thermal_throttle/core_throttle_count`) !== undefined,
    ),
    temperature: !Number.isNaN(hottestZone(root)),
    frequency: !Number.isNaN(highestFrequencyKhz(root)),
  };
  return Object.keys(there).filter((name) => there[name]);
}

/** Frequency governor of the first core that has one. */
export function governor(root: string): string | undefined {
  for (const cpu of list(root, 'sys/devices/system/cpu').filter((name) => /^cpu\d+$/.test(name))) {
    const text = clean(readText(root, `sys/devices/system/cpu/${cpu}/cpufreq/scaling_governor`));
    if (text) return text.slice(0, 60);
  }
  return undefined;
}

/** What the agent finds out about its machine. `root` is `/` but for tests; absent means not found. */
export function readFacts(root: string, runtimes: readonly Runtime[]): DeviceFacts {
  const cpuinfo = readText(root, 'proc/cpuinfo') ?? '';
  const cpu = parseCpu(cpuinfo);
  const dmi = (name: string): string | undefined => readText(root, `sys/devices/virtual/dmi/id/${name}`);
  const board = parseBoard(readText(root, 'proc/device-tree/model'), {
    vendor: dmi('sys_vendor'),
    product: dmi('product_name'),
  });
  const name = cpu.name ?? clean(cpus()[0]?.model);
  const memory = parseStatus(readText(root, 'proc/meminfo') ?? '', 'MemTotal');
  const processors = cpuinfo.match(/^processor\s*:/gm)?.length ?? cpus().length;
  const power = governor(root);
  return {
    ...(board && { board }),
    ...(name && { cpu: name }),
    cpuFeatures: cpu.features,
    cores: Math.max(1, processors),
    memoryBytes: Number.isNaN(memory) ? totalmem() : memory * 1024,
    arch: arch(),
    os: parseOs(readText(root, 'etc/os-release')) ?? process.platform,
    kernel: clean(readText(root, 'proc/sys/kernel/osrelease')) ?? release(),
    node: process.versions.node,
    runtimes: [...runtimes],
    ...(power && { powerMode: power }),
    evidence: evidenceSources(root),
  };
}

/** The facts with what takes asking: a Jetson's power mode, name and number, in place of the governor; and the usable sensors. */
export async function surveyFacts(
  around: SensorSurroundings,
  runtimes: readonly Runtime[],
): Promise<{ readonly facts: DeviceFacts; readonly found: Found }> {
  const found = await discoverSensors(around);
  const mode = await askNvpmodel(around);
  const facts = readFacts(around.root, runtimes);
  return {
    facts: {
      ...facts,
      ...(mode && { powerMode: `${mode.name} (${mode.id})` }),
      sensors: found.sources.map(({ sensor }) => sensor),
    },
    found,
  };
}

/** Class of devices that should measure alike: board or processor, runtime, power mode. */
export function deviceType(facts: DeviceFacts): string {
  const runtime = facts.runtimes[0];
  return `${facts.board ?? facts.cpu ?? facts.arch}/${runtime ? `${runtime.name} ${runtime.version}` : 'no runtime'}/${facts.powerMode ?? 'default'}`.slice(
    0,
    300,
  );
}
