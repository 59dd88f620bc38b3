import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type DeviceFacts,
  errorText,
  type Floor,
  quantities,
  type Runtime,
  runtimeIdOf,
  type Sensor,
} from '@hilltop/contracts';
import { type FoundPort, listPorts } from '@hilltop/firmware-bridge';
import type { BoardSpec } from './boards/board-spec.js';
import { type CheckedPort, checkedPortText, checkPorts } from './boards/doctor-ports.js';
import { openBoard } from './boards/open-board.js';
import { deviceType, governor, surveyFacts } from './facts.js';
import { measureFloor } from './floor.js';
import { type CheckedMeter, checkedMeterText, checkMeters } from './meters/check-meters.js';
import { type MeterSpec, meterPorts } from './meters/meter-spec.js';
import { checkPreparation } from './preparation/check-preparation.js';
import type { Wanted } from './preparation/wanted.js';
import { capTools } from './runtimes/child-process.js';
import { hostRuntimes, type RuntimeLack } from './runtimes/host-runtimes.js';
import type { RuntimeDriver } from './runtimes/runtime.js';
import type { RuntimeSpec } from './runtimes/runtime-spec.js';
import type { Calibration } from './sensors/calibration.js';
import { runTool } from './sensors/run-tool.js';
import type { Found, Surroundings } from './sensors/sensor-source.js';
import { formatSize } from './sizes.js';

/** One thing that is not as it could be, and the line that mends it. */
export interface Lack {
  readonly what: string;
  readonly remedy: string;
}

export interface CheckedSensor extends Sensor {
  readonly value?: number;
}

export interface Checkup {
  readonly version: string;
  readonly type: string;
  readonly facts: DeviceFacts;
  /** The harness's own latency floor; absent when the null model did not run. */
  readonly floor?: Floor;
  readonly caps: 'prlimit' | 'none';
  /** What can be read here, with its value now; a sensor may be silent at times. */
  readonly sensors: readonly CheckedSensor[];
  readonly serialPorts: readonly FoundPort[];
  /** Serial ports and the emulator, with who answers there. */
  readonly boards: readonly CheckedPort[];
  /** Meters that were named, with what they show. */
  readonly meters: readonly CheckedMeter[];
  readonly dataDir: { readonly path: string; readonly writable: boolean };
  /** Whether the peak of memory can be reset, so that loading is not blamed for starting. */
  readonly memoryPeakReset: boolean;
  /** What is set on this machine for a run, of what was allowed; nothing without `--prepare`. */
  readonly prepares: readonly string[];
  readonly lacks: readonly Lack[];
}

export interface DoctorPorts {
  readonly root: string;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly childScript?: string;
  /** Boards that were named on the command line. */
  readonly specs?: readonly BoardSpec[];
  readonly openBoard?: typeof openBoard;
  /** Meters that were named on the command line. */
  readonly meters?: readonly MeterSpec[];
  readonly calibration?: Calibration;
  /** What may be set for a run. */
  readonly prepare?: Wanted;
  /** Programs that were named on the command line. */
  readonly runtimes?: readonly RuntimeSpec[];
  /** Runs the tools of vendors; the machine's own but for tests. */
  readonly runTool?: Surroundings['run'];
}

/** What works on this machine, each lack with its remedy. Works beside a running agent; asks boards who they are, changes nothing. */
export async function examine(dataDir: string, ports: DoctorPorts): Promise<Checkup> {
  const work = await mkdtemp(join(tmpdir(), 'hilltop-doctor-'));
  try {
    const driver = hostRuntimes(
      { workDir: work, ...(ports.childScript && { childScript: ports.childScript }) },
      ports.runtimes,
    );
    const { runtimes, lacks: runtimeLacks } = await driver.survey();
    const usual = runtimes[0]?.name === 'onnxruntime';
    const { facts, found: seenSensors } = await surveyFacts(
      { root: ports.root, run: ports.runTool ?? runTool, ...(ports.calibration && { calibration: ports.calibration }) },
      runtimes,
    );
    const floor = usual ? await floorOf(driver, work, ports.signal) : undefined;
    const serial = await listPorts();
    // After the floor: an emulator that starts would raise it.
    // A meter would take the question for a command.
    const others = meterPorts(ports.meters ?? []);
    const boards = await checkPorts({
      ports: serial.ports.filter(({ path }) => !others.includes(path)),
      specs: ports.specs ?? [],
      open: ports.openBoard ?? openBoard,
    });
    const meters = await checkMeters(ports.meters ?? []);
    const preparation = await checkPreparation(ports.prepare ?? {}, {
      root: ports.root,
      run: ports.runTool ?? runTool,
      taskset: capTools().taskset,
    });
    const writable = await canWrite(dataDir);
    const memoryPeakReset = await resets();
    const frequencyGovernor = governor(ports.root);
    const seen = {
      facts,
      ...(frequencyGovernor !== undefined && { frequencyGovernor }),
      floor: floor && 'latencyP50Ms' in floor ? floor : undefined,
      writable,
      memoryPeakReset,
    };
    return {
      version: ports.version,
      type: deviceType(facts),
      facts,
      ...(seen.floor && { floor: seen.floor }),
      caps: driver.caps(),
      sensors: await checkSensors(seenSensors),
      serialPorts: serial.ports,
      boards,
      meters,
      dataDir: { path: dataDir, writable },
      memoryPeakReset,
      prepares: preparation.possible,
      lacks: [
        ...lacksOf({
          ...seen,
          // A governor that is set for each run is none that lacks.
          ...(preparation.possible.some((text) => text.startsWith('governor=')) && {
            frequencyGovernor: 'performance',
          }),
          dataDir,
          tools: capTools(),
        }),
        ...preparation.lacks,
        ...lackingRuntimes(facts, runtimeLacks),
        ...(meters.some(({ device, watts }) => device === 'host' && watts !== undefined)
          ? seenSensors.lacks
          : sensorLacks(seenSensors)),
        ...(floor && 'failed' in floor
          ? [
              {
                what: `the null model does not run: ${floor.failed}`,
                remedy: 'reinstall the agent for this machine; its runtime needs glibc 2.28 or newer',
              },
            ]
          : []),
        ...meters.flatMap(({ meter, why, remedy }) =>
          why !== undefined && remedy !== undefined ? [{ what: `${meter}: ${why}`, remedy }] : [],
        ),
        ...boards.flatMap(({ port, why, remedy }) =>
          why !== undefined && remedy !== undefined ? [{ what: `${port}: ${why}`, remedy }] : [],
        ),
        ...(serial.lack ? [{ what: serial.lack, remedy: 'apt-get install udev' }] : []),
      ],
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** All sensors at once: those of one group share one answer. */
export async function checkSensors({ sources }: Found): Promise<CheckedSensor[]> {
  const values = await Promise.all(sources.map((source) => source.read()));
  return sources.map(({ sensor }, i) => ({ ...sensor, ...(values[i] !== undefined && { value: values[i] }) }));
}

/** What keeps sensors from being read; and where nothing stands in the way, that there is none of power. */
export function sensorLacks({ sources, lacks }: Found): Lack[] {
  const total = sources.some(({ sensor }) => sensor.total);
  if (total || lacks.length > 0) return [...lacks];
  return [
    {
      what: 'nothing on this machine measures its power: its runs have no energy',
      remedy: 'put a meter into its supply and give it to the agent (docs/operator-guide.md)',
    },
  ];
}

/** Runtimes that do not answer; and that ONNX Runtime is no way to a GPU on Arm. */
export function lackingRuntimes({ arch, runtimes, board }: DeviceFacts, lacks: readonly RuntimeLack[]): Lack[] {
  const has = (name: string): boolean => runtimes.some((runtime) => runtime.name === name);
  const isJetson = /jetson|tegra/i.test(board ?? '');
  return [
    ...lacks.map(({ id, why }) => ({
      what: `the runtime ${id}: ${why}`,
      remedy:
        id === 'trtexec'
          ? 'start `trtexec --help` by hand: it says what is wrong with this installation of TensorRT'
          : 'start it by hand and type {"do":"hello","protocol":1} (docs/external-runtime.md)',
    })),
    ...(arch === 'arm64' && isJetson && !has('trtexec')
      ? [
          {
            what: 'ONNX Runtime computes on the CPU alone on arm64: the GPU of this board is not measured',
            remedy: 'apt-get install tensorrt, which brings /usr/src/tensorrt/bin/trtexec',
          },
        ]
      : []),
  ];
}

async function floorOf(driver: RuntimeDriver, work: string, signal: AbortSignal): Promise<Floor | { failed: string }> {
  try {
    return await measureFloor(driver, work, () => new Date(), signal);
  } catch (error) {
    return { failed: errorText(error) };
  }
}

/** Pure: what is lacking in what was seen. */
export function lacksOf(seen: {
  readonly facts: DeviceFacts;
  /** Of the cores; the power mode of the facts may be another thing. */
  readonly frequencyGovernor?: string;
  readonly writable: boolean;
  readonly memoryPeakReset: boolean;
  readonly dataDir: string;
  readonly tools: { readonly prlimit?: string; readonly setpriv?: string };
}): Lack[] {
  const { facts, tools, frequencyGovernor } = seen;
  const has = (source: string): boolean => facts.evidence.includes(source);
  const rows: Array<[boolean, string, string]> = [
    [
      facts.runtimes.length > 0,
      'ONNX Runtime does not load',
      'reinstall the agent on a 64-bit system (x64 or arm64) with glibc 2.28 or newer',
    ],
    [
      tools.prlimit !== undefined,
      'measured processes run without memory and processor caps',
      'apt-get install util-linux',
    ],
    [tools.setpriv !== undefined, 'a killed agent leaves its child until the next start', 'apt-get install util-linux'],
    [has('schedstat'), 'no scheduler statistics: no run is ever clean', 'boot a kernel with CONFIG_SCHED_INFO'],
    [
      has('psi') || has('steal'),
      'neither pressure (PSI) nor steal time: no run is ever clean',
      'add psi=1 to the kernel command line',
    ],
    [
      has('psi') || !has('steal'),
      'no pressure information (PSI): contention shows less',
      'add psi=1 to the kernel command line',
    ],
    [
      seen.memoryPeakReset,
      'the memory peak cannot be reset: loading peaks may include the start of the process',
      'boot a kernel with CONFIG_PROC_PAGE_MONITOR',
    ],
    [
      frequencyGovernor === undefined || frequencyGovernor === 'performance',
      `the frequency governor is ${frequencyGovernor}`,
      'for steady clocks: hilltop-agent --prepare governor; or as root: echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
    ],
    [
      seen.writable,
      `${seen.dataDir} cannot be written`,
      `give the directory to this user, or choose another with --data`,
    ],
  ];
  return rows.filter(([fine]) => !fine).map(([, what, remedy]) => ({ what, remedy }));
}

/** Whether the directory, or the nearest one above that exists, can be written. */
async function canWrite(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await access(at, constants.W_OK);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(at) === at) return false;
    }
  }
}

async function resets(): Promise<boolean> {
  return writeFile('/proc/self/clear_refs', '5').then(
    () => true,
    () => false,
  );
}

/** One sensor in a line: `ina3221/VDD_IN  9.25 W, module-input, total`. */
export function sensorText({ id, quantity, scope, value, total, uncertainty, simulated }: CheckedSensor): string {
  const unit = quantities[quantity];
  const number = value === undefined ? 'silent now' : `${Number(value.toPrecision(6))}${unit && ` ${unit}`}`;
  const notes = [
    scope,
    ...(total ? ['total'] : []),
    ...(uncertainty
      ? [
          `u ${Number((uncertainty.gain * 100).toPrecision(2))} % + ${Number(uncertainty.offset.toPrecision(2))} ${unit}`,
        ]
      : []),
    ...(simulated ? ['simulated'] : []),
  ];
  return `${id.padEnd(30)} ${number}, ${notes.join(', ')}`;
}

/** A runtime in words: `onnxruntime 1.30.0 (cpu)`; of ONNX Runtime on Arm also that there is no more to it. */
function runtimeText(runtime: Runtime, arch: string): string {
  const isCpuOnly = runtime.name === 'onnxruntime' && arch === 'arm64';
  return `${runtimeIdOf(runtime)} ${runtime.version} (${runtime.providers.join(', ')}${isCpuOnly ? '; on arm64 it has no GPU provider' : ''})`;
}

/** The check-up for people. */
export function checkupText(checkup: Checkup): string {
  const { facts, floor } = checkup;
  const rows: Array<[string, string]> = [
    ['Device', checkup.type],
    [
      'Processor',
      `${facts.cpu ?? facts.arch}, ${facts.cores} cores${facts.cpuFeatures.length > 0 ? ` (${facts.cpuFeatures.join(' ')})` : ''}`,
    ],
    ['Memory', formatSize(facts.memoryBytes)],
    ['System', `${facts.os}, kernel ${facts.kernel ?? '?'}, Node ${facts.node ?? '?'}`],
    ['Runtimes', facts.runtimes.map((runtime) => runtimeText(runtime, facts.arch)).join('; ') || 'none'],
    ['Evidence', facts.evidence.join(' ') || 'none'],
    ...checkup.sensors.map((sensor, i): [string, string] => [i === 0 ? 'Sensors' : '', sensorText(sensor)]),
    ...(checkup.sensors.length === 0 ? [['Sensors', 'none'] as [string, string]] : []),
    ['Caps', checkup.caps],
    [
      'Prepares',
      checkup.prepares.join(' ') || 'nothing: a run takes the machine as it is, unless --prepare allows more',
    ],
    ['Serial ports', checkup.serialPorts.map((p) => p.path).join(' ') || 'none'],
    ...checkup.meters.map((meter, i): [string, string] => [i === 0 ? 'Meters' : '', checkedMeterText(meter)]),
    ...checkup.boards.map((board, i): [string, string] => [i === 0 ? 'Boards' : '', checkedPortText(board)]),
    [
      'Floor',
      floor
        ? `${(floor.latencyP50Ms * 1000).toFixed(1)} us p50 over ${floor.inferences} runs of the null model`
        : 'not measured',
    ],
    ['Data', `${checkup.dataDir.path}${checkup.dataDir.writable ? '' : ' (not writable)'}`],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(14)}${value}`);
  const lacks = checkup.lacks.map(({ what, remedy }) => `- ${what}\n  remedy: ${remedy}`);
  return `${lines.join('\n')}\n${lacks.length > 0 ? `\nLacks:\n${lacks.join('\n')}\n` : '\nNothing is lacking.\n'}`;
}
