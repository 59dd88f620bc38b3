import { execFile } from 'node:child_process';
import { DeviceFacts, Floor, Sensor } from '@hilltop/contracts';
import { formatMs, significant } from '../text/units.js';
import type { Check } from './checks.js';
import { entryPoints } from './entry-points.js';

/** The harness's floor is measured on the way; a slow board takes its time. */
const doctorMs = 60_000;

/** What the agent says about this machine: runtimes, evidence, permissions, the harness's own floor, every lack. */
export async function agentChecks(): Promise<Check[]> {
  return checksOf(await jsonOf([entryPoints.agent, '--doctor', '--json'], doctorMs));
}

/** The agent's own check-up as checks; what it calls a lack is a remark, unless nothing could run without it. */
export function checksOf(said: unknown): Check[] {
  const facts = DeviceFacts.safeParse(part(said, 'facts'));
  if (!facts.success) {
    const remedy = 'run `hilltop agent --doctor` to see why';
    return [{ what: 'agent', level: 'missing', found: 'it could not look at this machine', remedy }];
  }
  const { runtimes, evidence } = facts.data;
  const floor = Floor.safeParse(part(said, 'floor'));
  const writable = part(part(said, 'dataDir'), 'writable') === true;
  const lacks = part(said, 'lacks');
  return [
    {
      what: 'runtime',
      level: runtimes.length > 0 ? 'ok' : 'missing',
      found: runtimes.map((runtime) => `${runtime.name} ${runtime.version}`).join(', ') || 'none',
    },
    floor.success
      ? { what: 'floor', level: 'ok', found: `${formatMs(floor.data.latencyP50Ms)} p50 of the null model` }
      : { what: 'floor', level: 'missing', found: 'the null model did not run' },
    {
      what: 'limits of a run',
      level: part(said, 'caps') === 'none' ? 'remark' : 'ok',
      found: String(part(said, 'caps') ?? 'unknown'),
    },
    sensorCheck(part(said, 'sensors')),
    { what: 'serial ports', level: 'ok', found: portsOf(part(said, 'serialPorts')) },
    ...boardChecks(part(said, 'boards')),
    { what: 'evidence', level: evidence.length > 0 ? 'ok' : 'remark', found: evidence.join(' ') || 'none' },
    {
      what: "agent's data",
      level: writable ? 'ok' : 'missing',
      found: String(part(part(said, 'dataDir'), 'path') ?? ''),
    },
    ...(Array.isArray(lacks) ? lacks.flatMap(lackCheck) : []),
  ];
}

/** The sensors of power with their value now and what it contains; of the others how many there are. */
function sensorCheck(said: unknown): Check {
  const sensors = (Array.isArray(said) ? said : []).flatMap((one) => {
    const sensor = Sensor.safeParse(one);
    return sensor.success ? [{ ...sensor.data, value: part(one, 'value') }] : [];
  });
  const powers = sensors.filter(({ quantity }) => quantity === 'power' || quantity === 'energy');
  const texts = powers.map(
    ({ id, scope, total, quantity, value }) =>
      `${id}${typeof value === 'number' && quantity === 'power' ? ` ${significant(value)} W` : ''} (${scope}${total ? ', total' : ''})`,
  );
  const others = sensors.length - powers.length;
  if (others > 0) texts.push(`${others} of temperature, clocks and states`);
  return { what: 'sensors', level: 'ok', found: texts.join('; ') || 'none' };
}

function portsOf(ports: unknown): string {
  const paths = Array.isArray(ports)
    ? ports.map((port) => part(port, 'path')).filter((path) => typeof path === 'string')
    : [];
  return paths.join(', ') || 'none found';
}

/** Who answers at each port, or why nobody was asked; a port at which that is a lack is among the lacks. */
function boardChecks(boards: unknown): Check[] {
  if (!Array.isArray(boards)) return [];
  return boards.flatMap((asked): Check[] => {
    const [port, board, why] = [part(asked, 'port'), part(asked, 'board'), part(asked, 'why')];
    if (typeof port !== 'string' || part(asked, 'remedy') !== undefined) return [];
    const of = (name: string): string => String(part(board, name) ?? '');
    const who = board ? `${of('name')}, ${of('cpu')}, ${of('driver')} ${of('firmware')}` : String(why ?? '');
    return [{ what: 'board', level: 'ok', found: `${port}: ${who}` }];
  });
}

function lackCheck(lack: unknown): Check[] {
  const [found, remedy] = [part(lack, 'what'), part(lack, 'remedy')];
  if (typeof found !== 'string' || typeof remedy !== 'string') return [];
  return [{ what: 'agent', level: 'remark', found, remedy }];
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Standard output of a program of ours that prints JSON; undefined when it printed none. */
function jsonOf(args: readonly string[], timeoutMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { timeout: timeoutMs, maxBuffer: 4_000_000 }, (_error, stdout) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        // What it did not say is not known: the caller reports that.
        resolve(undefined);
      }
    });
  });
}
