import { realpathSync } from 'node:fs';
import { LabError, type MeterDriver, meterDrivers } from '@hilltop/contracts';
import { type Ppk2Mode, ppk2Modes, ppk2VoltageBytes } from './ppk2-format.js';

/** A meter that a person put into the supply of a device. */
export interface MeterSpec {
  readonly driver: MeterDriver;
  /** Port or address, without credentials; of a simulated one empty. */
  readonly at: string;
  /** Key of the device it is in the supply of. */
  readonly device: string;
  readonly simulated?: boolean;
  readonly millivolts?: number;
  readonly mode?: Ppk2Mode;
  readonly format?: 'ascii' | 'binary';
  /** Output of a plug with several. */
  readonly output?: number;
  readonly credentials?: { readonly user: string; readonly password: string };
}

const usualDevice = 'host';
const ports = /^(\/.+|tcp:.+:\d+|unix:.+|COM\d+)$/;
const optionsOf: Readonly<Record<MeterDriver, readonly string[]>> = {
  ppk2: ['mv', 'mode'],
  lpm01a: ['mv', 'format'],
  tasmota: ['id', 'user', 'password'],
  shelly: ['id', 'user', 'password'],
};

/**
 * `ppk2:PORT[,mv=N][,mode=source|ampere]`, `lpm01a:PORT[,mv=N][,format=ascii|binary]`, `tasmota:URL` and `shelly:URL[,id=N][,user=U][,password=P]`;
 * each with `[,device=KEY]`. A password is the last option: it may hold commas. Throws `request.invalid`, which never repeats a password.
 */
export function parseMeter(text: string): MeterSpec {
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(text) ?? [];
  const driver = meterDrivers.find((known) => known === name);
  if (!driver) throw wrong(withoutPassword(text), `"${name}" is none of ${meterDrivers.join(', ')}`);
  const shown = withoutPassword(text);
  const at = rest.split(',', 1)[0]!;
  const options = readOptions(rest.slice(at.length + 1), shown, [...optionsOf[driver], 'device']);
  const plug = driver === 'tasmota' || driver === 'shelly';
  if (!plug && !ports.test(at)) throw wrong(shown, `"${at}" is no port; write ${driver}:/dev/ttyACM0`);
  const address = plug ? readAddress(at, shown, driver) : { at };
  const password = options.get('password') ?? address.password;
  return {
    driver,
    at: address.at,
    device: readDevice(options, shown),
    ...numbers(options, shown, driver),
    ...words(options, shown),
    ...(password !== undefined && { credentials: { user: options.get('user') ?? address.user ?? 'admin', password } }),
  };
}

/** `NAME[,device=KEY]` of a meter that ships with the product. Throws `request.invalid`. */
export function parseSimulatedMeter(text: string): MeterSpec {
  const [name = '', ...rest] = text.split(',');
  const driver = meterDrivers.find((known) => known === name);
  if (!driver) throw wrong(text, `there is ${meterDrivers.join(', ')}`, '--simulate-meter');
  const options = readOptions(rest.join(','), text, ['device'], '--simulate-meter');
  return { driver, at: '', device: readDevice(options, text), simulated: true };
}

/** Paths of the serial ports that are meters', whatever link they were named by. */
export function meterPorts(specs: readonly MeterSpec[]): string[] {
  return specs.flatMap(({ at }) => {
    if (!at.startsWith('/')) return [];
    try {
      return [at, realpathSync(at)];
    } catch {
      // Not plugged in: then it is nobody's link either.
      return [at];
    }
  });
}

/** For people and logs: nothing secret. */
export const meterName = ({ driver, at, simulated }: MeterSpec): string =>
  simulated ? `simulated ${driver}` : `${driver}:${at}`;

/**
 * The inverse of the parsers, for whoever starts the agent again as it was started. Throws `request.invalid` where that would write a password
 * down.
 */
export function meterArgs(specs: readonly MeterSpec[]): string[] {
  return specs.flatMap((spec) => {
    const device = spec.device === usualDevice ? '' : `,device=${spec.device}`;
    if (spec.simulated) return ['--simulate-meter', `${spec.driver}${device}`];
    if (spec.credentials)
      throw new LabError(
        'request.invalid',
        `${meterName(spec)}: its password would stand in the service's file for all to read; install the service without it and put the whole option into HILLTOP_METER of a drop-in that only root can read (systemctl edit hilltop-agent)`,
      );
    const options = [
      ...(spec.millivolts === undefined ? [] : [`mv=${spec.millivolts}`]),
      ...(spec.mode ? [`mode=${spec.mode}`] : []),
      ...(spec.format ? [`format=${spec.format}`] : []),
      ...(spec.output === undefined ? [] : [`id=${spec.output}`]),
    ];
    return ['--meter', `${[`${spec.driver}:${spec.at}`, ...options].join(',')}${device}`];
  });
}

function wrong(shown: string, why: string, flag = '--meter'): LabError {
  return new LabError('request.invalid', `${flag} ${shown}: ${why}; see "hilltop-agent --help"`);
}

const withoutPassword = (text: string): string =>
  text.replace(/password=.*$/s, 'password=...').replace(/\/\/[^/@]*@/, '//...@');

function readOptions(text: string, shown: string, known: readonly string[], flag?: string): Map<string, string> {
  const out = new Map<string, string>();
  const secret = /(?:^|,)password=(.*)$/s.exec(text);
  if (secret && known.includes('password')) out.set('password', secret[1]!);
  const plain = secret ? text.slice(0, secret.index) : text;
  for (const option of plain.split(',').filter(Boolean)) {
    const at = option.indexOf('=');
    const name = option.slice(0, at);
    if (at < 1 || !known.includes(name) || at === option.length - 1)
      throw wrong(shown, `"${option}" is not ${known.map((k) => `${k}=...`).join(', ')}`, flag);
    out.set(name, option.slice(at + 1));
  }
  if (secret && !known.includes('password')) throw wrong(shown, 'it takes no password', flag);
  return out;
}

function readDevice(options: ReadonlyMap<string, string>, shown: string): string {
  const device = options.get('device') ?? usualDevice;
  if (!/^[a-z0-9][a-z0-9._:-]{0,63}$/.test(device))
    throw wrong(shown, `"${device}" is no key of a device; "hilltop device show" tells it`);
  return device;
}

function readAddress(
  text: string,
  shown: string,
  driver: MeterDriver,
): { readonly at: string; readonly user?: string; readonly password?: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '')
    throw wrong(shown, `no address; write ${driver}:http://10.0.0.5`);
  const at = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
  return {
    at,
    ...(url.username && { user: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
  };
}

function numbers(
  options: ReadonlyMap<string, string>,
  shown: string,
  driver: MeterDriver,
): Pick<MeterSpec, 'millivolts' | 'output'> {
  const mv = options.get('mv');
  const id = options.get('id');
  if (mv !== undefined) {
    if (!/^\d{3,4}$/.test(mv)) throw wrong(shown, `"${mv}" are no millivolts`);
    if (driver === 'ppk2' && options.get('mode') !== 'ampere') ppk2VoltageBytes(Number(mv));
    if (driver === 'lpm01a' && (Number(mv) < 1800 || Number(mv) > 3300))
      throw wrong(shown, `an LPM01A gives 1800 to 3300 mV`);
  }
  if (id !== undefined && !/^\d{1,2}$/.test(id)) throw wrong(shown, `"${id}" is no number of an output`);
  return { ...(mv !== undefined && { millivolts: Number(mv) }), ...(id !== undefined && { output: Number(id) }) };
}

function words(options: ReadonlyMap<string, string>, shown: string): Pick<MeterSpec, 'mode' | 'format'> {
  const mode = options.get('mode');
  const format = options.get('format');
  const known = (Object.keys(ppk2Modes) as Ppk2Mode[]).find((name) => name === mode);
  if (mode !== undefined && !known) throw wrong(shown, `mode=${mode} is not source or ampere`);
  if (known === 'ampere' && !options.has('mv'))
    throw wrong(shown, 'in ampere mode say the voltage of the supply, such as mv=3300');
  if (format !== undefined && format !== 'ascii' && format !== 'binary')
    throw wrong(shown, `format=${format} is not ascii or binary`);
  return { ...(known && { mode: known }), ...(format !== undefined && { format }) };
}
