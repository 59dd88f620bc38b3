import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText, joinTokenPattern, LabError, type Labels, Name, parseLabels } from '@hilltop/contracts';
import { type BoardSpec, parseEmulate, parseSerial } from './boards/board-spec.js';
import { type FlashOrder, parseFlash } from './boards/flash.js';
import { type MeterSpec, meterName, parseMeter, parseSimulatedMeter } from './meters/meter-spec.js';
import { parsePrepare, type Wanted } from './preparation/wanted.js';
import { parseRuntime, type RuntimeSpec } from './runtimes/runtime-spec.js';
import { type Calibration, parseCalibration } from './sensors/calibration.js';
import { parseSize } from './sizes.js';

export interface AgentConfig {
  /** Address of the lab; absent: the one joined before. */
  readonly url?: string;
  /** Join token with its fingerprint tail; needed the first time only. */
  readonly token?: string;
  readonly name: string;
  readonly labels: Labels;
  readonly dataDir: string;
  /** MQTT address, where it is not the lab's own `/mqtt`. */
  readonly mqttUrl?: string;
  readonly cacheLimitBytes: number;
  /** Microcontrollers beside this machine, real and emulated. */
  readonly boards: readonly BoardSpec[];
  /** Instruments in the supply of devices of this agent. */
  readonly meters?: readonly MeterSpec[];
  /** A person's own programs that execute models. */
  readonly runtimes?: readonly RuntimeSpec[];
  /** What may be set on this machine for the length of a run; absent: nothing. */
  readonly prepare?: Wanted;
  /** What a person knows of this device's sensors, by driver. */
  readonly calibration?: Calibration;
  /** One JSON object per line on standard output instead of sentences. */
  readonly json: boolean;
  readonly logLevel: string;
  /** Test only: file to which each child appends when it starts and ends to execute. */
  readonly groundTruth?: string;
  /** Test only: a folder with files of a board, looked at in place of this machine's. */
  readonly sensorRoot?: string;
}

export interface AgentCommand {
  readonly kind: 'serve' | 'doctor' | 'flash' | 'install-service' | 'help' | 'version';
  readonly config: AgentConfig;
  /** With `flash` only. */
  readonly flash?: FlashOrder;
}

/** What of the surroundings the parser reads. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly host: string;
}

export const defaultCacheLimitBytes = 2e9;

export const usage = `Usage: hilltop-agent [URL] [options]

Serves this machine as a device of a lab: joins, stays connected, runs what it is given.

  URL                  address of the lab, e.g. http://lab:7070 (or HILLTOP_URL; later: the one joined before)
  --token T            one-time join token from "hilltop token create --kind join" (or HILLTOP_TOKEN)
  --name N             name of the device (host name)
  -l, --label k=v      a fact about the device; repeatable
  --data DIR           where key, journal and cache are kept (~/.local/share/hilltop-agent)
  --mqtt URL           MQTT address, where it is not the lab's own
  --cache-limit SIZE   most bytes of artifacts to keep (2GB)
  --serial PORT        a microcontroller: /dev/ttyACM0, tcp:HOST:PORT, unix:PATH, or auto for every USB serial
                       port where one answers; then ,driver=smp|mlperf-tiny|auto and ,baud=N if need be,
                       and ,emulated where an emulator is behind it, ,icount=N where that is QEMU with -icount
                       shift=N; repeatable (or HILLTOP_SERIAL, separated by blanks)
  --emulate pico       an emulated Raspberry Pi Pico (or HILLTOP_EMULATE)
  --meter SPEC         an instrument in the supply of this machine, or with ,device=KEY of one of its boards:
                       ppk2:/dev/ttyACM0[,mv=3300][,mode=source|ampere]   Nordic Power Profiler Kit II
                       lpm01a:/dev/ttyACM1[,mv=3300][,format=ascii|binary]   X-NUCLEO-LPM01A
                       tasmota:http://10.0.0.5 or shelly:http://10.0.0.6[,id=0][,user=U][,password=P]   plugs
                       what mv and mode do not say stays as the instrument is set; a password comes last;
                       repeatable (or HILLTOP_METER, separated by blanks: nobody sees a password there)
  --simulate-meter M   a simulated ppk2, lpm01a, tasmota or shelly with a synthetic device that takes more power
                       while this machine (or ,device=KEY) executes: never a measurement; repeatable
  --calibrate D.K=V    what is known of a sensor of this machine: rpi-pmic.slope=1.13 and rpi-pmic.intercept=0.61,
                       ina2xx.1-0040.shuntOhm=0.1, ina2xx.1-0040.boardInput=1 where that chip measures the
                       whole board, ina3221.1-0040.1.shuntOhm=0.005; repeatable
  --prepare LIST       what may be set on this machine for a run, and is set back after it: governor[=performance],
                       fan[=0..255] (255), power-mode=N (nvpmodel), cool-down (wait, ten minutes at most), and
                       affinity=2-3,5 for the measured process; without it nothing is changed
  --runtime NAME=CMD   a program of yours that executes models, whole path and arguments; it speaks the protocol of
                       docs/external-runtime.md, and jobs choose it by its name; repeatable
  --flash BOARD        bring the lab's firmware to a board (pico) whose boot drive is mounted; BOARD,to=DIR says where;
                       FILE.bin with --serial PORT: a signed image to MCUboot
  --install-service    install and start a systemd unit with these options
  --doctor             say what works here, and the remedy for each lack
  --json               one JSON object per line on standard output; logs go to standard error
  --version, --help

Examples: hilltop-agent http://lab:7070 --token hlt_join_... --name bench-pi -l site=berlin
          hilltop-agent --serial /dev/ttyACM0 --serial /dev/ttyUSB0,driver=mlperf-tiny,baud=115200
`;

/** The agent's command line: `hilltop-agent` and `hilltop agent` both use it. Throws `request.invalid`. */
export function parseAgentArgs(
  argv: readonly string[],
  around: Surroundings = { env: process.env, home: homedir(), host: hostname() },
): AgentCommand {
  const { values, positionals } = parse(argv);
  if (positionals.length > 1)
    throw wrong(`only one address is wanted, but "${positionals[1]}" follows "${positionals[0]}"`);
  const url = httpUrl(positionals[0] ?? (around.env.HILLTOP_URL || undefined));
  const token = joinToken(values.token || undefined, around.env.HILLTOP_TOKEN);
  const kind = values.help
    ? 'help'
    : values.version
      ? 'version'
      : values.doctor
        ? 'doctor'
        : values.flash !== undefined
          ? 'flash'
          : values['install-service']
            ? 'install-service'
            : 'serve';
  const serial = (values.serial ?? words(around.env.HILLTOP_SERIAL)).map(parseSerial);
  const groundTruth = around.env.HILLTOP_GROUND_TRUTH;
  const sensorRoot = around.env.HILLTOP_SENSOR_ROOT;
  return {
    kind,
    ...(kind === 'flash' && { flash: parseFlash(values.flash!, serial) }),
    config: {
      ...(url && { url }),
      ...(token && { token }),
      name: values.name === undefined ? hostName(around.host) : personName(values.name),
      labels: labels(values.label ?? []),
      dataDir: resolve(
        values.data ?? join(around.env.XDG_DATA_HOME || join(around.home, '.local', 'share'), 'hilltop-agent'),
      ),
      ...(values.mqtt && { mqttUrl: mqttUrl(values.mqtt) }),
      cacheLimitBytes: size(values['cache-limit']),
      boards: boards(serial, values.emulate ?? words(around.env.HILLTOP_EMULATE)),
      ...meters(values.meter ?? words(around.env.HILLTOP_METER), values['simulate-meter'] ?? []),
      ...(values.runtime && { runtimes: programs(values.runtime) }),
      ...(values.prepare !== undefined && { prepare: prepare(values.prepare) }),
      ...(values.calibrate && { calibration: calibration(values.calibrate) }),
      json: values.json ?? false,
      logLevel: around.env.HILLTOP_LOG || 'info',
      ...(groundTruth && { groundTruth: resolve(groundTruth) }),
      ...(sensorRoot && { sensorRoot: resolve(sensorRoot) }),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        token: { type: 'string' },
        name: { type: 'string' },
        label: { type: 'string', short: 'l', multiple: true },
        data: { type: 'string' },
        mqtt: { type: 'string' },
        'cache-limit': { type: 'string' },
        serial: { type: 'string', multiple: true },
        emulate: { type: 'string', multiple: true },
        flash: { type: 'string' },
        meter: { type: 'string', multiple: true },
        'simulate-meter': { type: 'string', multiple: true },
        calibrate: { type: 'string', multiple: true },
        runtime: { type: 'string', multiple: true },
        prepare: { type: 'string' },
        'install-service': { type: 'boolean' },
        doctor: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw wrong(errorText(error));
  }
}

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);

function boards(serial: readonly BoardSpec[], emulate: readonly string[]): BoardSpec[] {
  const specs = [...serial, ...emulate.map(parseEmulate)];
  const twice = specs.find(({ port }, i) => specs.findIndex((other) => other.port === port) !== i);
  if (twice) throw wrong(`${twice.port} is named twice`);
  return specs;
}

function meters(real: readonly string[], simulated: readonly string[]): { meters?: readonly MeterSpec[] } {
  const specs = [...real.map(parseMeter), ...simulated.map(parseSimulatedMeter)];
  const twice = specs.find(
    (spec, i) =>
      spec.at !== '' && specs.findIndex((other) => other.at === spec.at && other.output === spec.output) !== i,
  );
  if (twice) throw wrong(`${meterName(twice)} is named twice`);
  // Two totals in one supply would be added to each other.
  const crowded = specs.find((spec, i) => specs.findIndex((other) => other.device === spec.device) !== i);
  if (crowded) throw wrong(`the device "${crowded.device}" has two meters; one measures what it takes`);
  return specs.length > 0 ? { meters: specs } : {};
}

function wrong(why: string): LabError {
  return new LabError('request.invalid', `${why}; see "hilltop-agent --help"`);
}

function httpUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw wrong(`"${text}" is not the address of a lab, such as http://lab:7070`);
  return text.replace(/\/+$/, '');
}

function mqttUrl(text: string): string {
  if (!URL.canParse(text) || !/^(mqtts?|wss?|tcp|tls):$/.test(new URL(text).protocol))
    throw wrong(`"${text}" is not an MQTT address, such as mqtt://broker:1883 or ws://lab:7070/mqtt`);
  return text;
}

/** A person's own token may stand in HILLTOP_TOKEN for the CLI: it is not a join token and is left alone. */
function joinToken(given: string | undefined, fromEnvironment: string | undefined): string | undefined {
  if (given !== undefined && !joinTokenPattern.test(given))
    throw wrong('--token takes a join token such as hlt_join_….0123456789abcdef, whole');
  return given ?? (fromEnvironment && joinTokenPattern.test(fromEnvironment) ? fromEnvironment : undefined);
}

function personName(text: string): string {
  const name = Name.safeParse(text);
  if (!name.success) throw wrong(`--name ${name.error.issues[0]!.message}`);
  return name.data;
}

/** A host name may hold what a name may not. */
function hostName(host: string): string {
  const name = Name.safeParse(
    host
      .replace(/[^\p{L}\p{N} ._+-]/gu, '-')
      .replace(/^[^\p{L}\p{N}]+/u, '')
      .slice(0, 100),
  );
  return name.success ? name.data : 'host';
}

function labels(pairs: readonly string[]): Labels {
  try {
    return parseLabels(pairs);
  } catch (error) {
    throw wrong(`-l takes key=value: ${errorText(error)}`);
  }
}

function calibration(entries: readonly string[]): Calibration {
  try {
    return parseCalibration(entries);
  } catch (error) {
    throw wrong(`--calibrate: ${errorText(error)}`);
  }
}

function programs(texts: readonly string[]): RuntimeSpec[] {
  const specs = texts.map((text) => {
    try {
      return parseRuntime(text);
    } catch (error) {
      throw wrong(`--runtime: ${errorText(error)}`);
    }
  });
  const twice = specs.find(({ id }, i) => specs.findIndex((other) => other.id === id) !== i);
  if (twice) throw wrong(`the runtime ${twice.id} is named twice`);
  return specs;
}

function prepare(text: string): Wanted {
  try {
    return parsePrepare(text);
  } catch (error) {
    throw wrong(`--prepare: ${errorText(error)}`);
  }
}

function size(text: string | undefined): number {
  if (text === undefined) return defaultCacheLimitBytes;
  const bytes = parseSize(text);
  if (bytes === undefined) throw wrong(`"${text}" is not a size such as 2GB or 512MiB`);
  return bytes;
}
