import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText, joinTokenPattern, LabError, type Labels, Name, parseLabels } from '@hilltop/contracts';
import { type BoardSpec, parseEmulate, parseSerial } from './boards/board-spec.js';
import { type FlashOrder, parseFlash } from './boards/flash.js';
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
  /** One JSON object per line on standard output instead of sentences. */
  readonly json: boolean;
  readonly logLevel: string;
  /** Test only: file to which each child appends when it starts and ends to execute. */
  readonly groundTruth?: string;
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
      json: values.json ?? false,
      logLevel: around.env.HILLTOP_LOG || 'info',
      ...(groundTruth && { groundTruth: resolve(groundTruth) }),
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

function size(text: string | undefined): number {
  if (text === undefined) return defaultCacheLimitBytes;
  const bytes = parseSize(text);
  if (bytes === undefined) throw wrong(`"${text}" is not a size such as 2GB or 512MiB`);
  return bytes;
}
