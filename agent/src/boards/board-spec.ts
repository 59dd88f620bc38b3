import { LabError } from '@hilltop/contracts';
import { type DeviceDriver, deviceDrivers, emulators } from '@hilltop/firmware-bridge';

/** A board that a person named on the command line. */
export interface BoardSpec {
  /** `/dev/ttyACM0`, `tcp:HOST:PORT`, `unix:PATH`, `emulator:pico`, or `auto`: every USB serial port, as it comes. */
  readonly port: string;
  readonly driver: DeviceDriver;
  readonly baudRate?: number;
  /** A person says that this port leads to an emulator, such as QEMU's. One that counts instructions is known to be one. */
  readonly emulated?: boolean;
  /** It leads to QEMU with `-icount shift=N`, whose ticks are counted instructions of 2^N ns: an emulator, and never cycles or time. */
  readonly icount?: number;
}

const prefix = 'emulator:';
export const isEmulator = ({ port }: Pick<BoardSpec, 'port'>): boolean => port.startsWith(prefix);
/** `pico` of `emulator:pico`; undefined for a board that is real. */
export const emulatorName = (spec: Pick<BoardSpec, 'port'>): string | undefined =>
  isEmulator(spec) ? spec.port.slice(prefix.length) : undefined;

/** `PATH[,driver=smp|mlperf-tiny|auto][,baud=N][,emulated][,icount=N]`. Throws `request.invalid`. */
export function parseSerial(text: string): BoardSpec {
  const [port = '', ...options] = text.split(',');
  const wrong = (why: string): LabError =>
    new LabError('request.invalid', `--serial ${text}: ${why}; see "hilltop-agent --help"`);
  if (!/^(auto|\/.+|tcp:.+:\d+|unix:.+|COM\d+)$/.test(port))
    throw wrong(`"${port}" is no port; write /dev/ttyACM0, tcp:HOST:PORT, unix:PATH or auto`);
  let driver: DeviceDriver = 'auto';
  let baudRate: number | undefined;
  let emulated = false;
  let icount: number | undefined;
  for (const option of options) {
    const [name, value = ''] = option.split('=', 2);
    const known = deviceDrivers.find((d) => d === value);
    if (name === 'driver' && known) driver = known;
    else if (name === 'baud' && /^[1-9]\d{2,7}$/.test(value)) baudRate = Number(value);
    else if (option === 'emulated') emulated = true;
    else if (name === 'icount' && /^(\d|10)$/.test(value)) icount = Number(value);
    else throw wrong(`"${option}" is not driver=${deviceDrivers.join('|')}, baud=N, emulated or icount=0..10`);
  }
  return {
    port,
    driver,
    ...(baudRate !== undefined && { baudRate }),
    ...(emulated && { emulated }),
    ...(icount !== undefined && { icount }),
  };
}

/** Name of an emulator. Throws `request.invalid`. */
export function parseEmulate(name: string): BoardSpec {
  if (!emulators.some((known) => known === name))
    throw new LabError(
      'request.invalid',
      `--emulate ${name}: there is ${emulators.join(', ')}; see "hilltop-agent --help"`,
    );
  return { port: `${prefix}${name}`, driver: 'smp' };
}

/** The inverse of the parsers, for whoever starts the agent again as it was started. */
export function boardArgs(specs: readonly BoardSpec[]): string[] {
  return specs.flatMap((spec) => {
    const emulator = emulatorName(spec);
    if (emulator !== undefined) return ['--emulate', emulator];
    const driver = spec.driver === 'auto' ? '' : `,driver=${spec.driver}`;
    const baud = spec.baudRate === undefined ? '' : `,baud=${spec.baudRate}`;
    const icount = spec.icount === undefined ? '' : `,icount=${spec.icount}`;
    return ['--serial', `${spec.port}${driver}${baud}${spec.emulated ? ',emulated' : ''}${icount}`];
  });
}
