import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Device, LabError, TokenCreated } from '@hilltop/contracts';
import type { LabClient } from '../lab/client.js';
import type { Terminal } from '../shell/terminal.js';
import { Child } from './child.js';
import { crashed } from './coordinator-process.js';
import { builtEntry, entryPoints } from './entry-points.js';

export interface LocalAgent {
  readonly child: Child;
  readonly device: Device;
}

/** The board that the demo emulates beside this machine. */
const emulated = 'pico';

/** How often a device is looked for while its agent starts. */
const lookMs = 250;
/** The agent measures the harness's floor before it registers. */
const patienceMs = 30_000;
/** An emulated board boots in a second; on a busy machine in ten. */
const boardPatienceMs = 30_000;

/**
 * Starts the agent of this machine under a lab's data directory and waits until its device can measure. It joins with a
 * token of two minutes the first time; later it has its key. It emulates a Raspberry Pi Pico where that was built.
 * Throws `lab.unreachable` with the end of its log.
 */
export async function startLocalAgent(client: LabClient, dataDir: string, terminal: Terminal): Promise<LocalAgent> {
  const home = join(dataDir, 'agents', 'local');
  const token = agentIdIn(home) ? undefined : await joinToken(client);
  const child = new Child({
    name: 'agent',
    args: [builtEntry('agent'), client.url, '--data', home, ...(token ? ['--token', token] : []), ...emulation()],
    // The person's own token is not the agent's business.
    env: { HILLTOP_TOKEN: undefined, HILLTOP_URL: undefined },
    logFile: join(dataDir, 'logs', 'agent.log'),
    ...(terminal.env.HILLTOP_LOG && { onLog: (line: string) => terminal.err.write(`${line}\n`) }),
  });
  let gone = false;
  void child.ended.then(() => {
    gone = true;
  });
  const until = terminal.now() + patienceMs;
  try {
    for (;;) {
      const device = await readyDevice(client, agentIdIn(home));
      if (device) return { child, device };
      if (gone) throw crashed(child, 'ended while it started');
      if (terminal.signal.aborted) throw new LabError('run.cancelled', 'stopped by you');
      if (terminal.now() > until) throw crashed(child, `brought no device within ${patienceMs / 1000} s`);
      await terminal.sleep(lookMs);
    }
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function joinToken(client: LabClient): Promise<string> {
  const created = await client.post(
    '/api/v1/tokens',
    { kind: 'join', name: 'this machine', ttlSeconds: 120, uses: 1 },
    TokenCreated,
  );
  return created.secret;
}

/** Who the agent became when it joined; undefined before. The agent writes this file whole or not at all. */
function agentIdIn(home: string): string | undefined {
  const file = join(home, 'agent.json');
  if (!existsSync(file)) return undefined;
  const { agentId } = JSON.parse(readFileSync(file, 'utf8')) as { agentId?: unknown };
  return typeof agentId === 'string' ? agentId : undefined;
}

async function readyDevice(client: LabClient, agentId: string | undefined): Promise<Device | undefined> {
  if (!agentId) return undefined;
  const devices = await client.list<Device>('/api/v1/devices', Device);
  return devices.find((device) => device.agentId === agentId && device.kind === 'host' && isReady(device));
}

const isReady = ({ state }: Device): boolean => ['available', 'busy', 'cooling'].includes(state);

const emulation = (): string[] => (existsSync(entryPoints.picoImage) ? ['--emulate', emulated] : []);

/** The board that this machine's agent emulates, or why there is none. */
export async function emulatedBoard(
  client: LabClient,
  { agentId }: Pick<Device, 'agentId'>,
  terminal: Terminal,
): Promise<{ readonly device: Device } | { readonly lack: string }> {
  if (!existsSync(entryPoints.picoImage)) return { lack: `its firmware ${entryPoints.picoImage} is not there` };
  const until = terminal.now() + boardPatienceMs;
  for (;;) {
    const devices = await client.list<Device>('/api/v1/devices', Device);
    const device = devices.find((each) => each.agentId === agentId && each.kind === 'microcontroller' && each.emulated);
    if (device && isReady(device)) return { device };
    if (device?.state === 'unhealthy') return { lack: device.stateReason ?? 'it is unhealthy' };
    if (terminal.signal.aborted) throw new LabError('run.cancelled', 'stopped by you');
    if (terminal.now() > until)
      return { lack: `its agent brought none within ${boardPatienceMs / 1000} s; see its log` };
    await terminal.sleep(lookMs);
  }
}
