import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { errorText, isLabError, Lab, Me } from '@hilltop/contracts';
import { LabClient } from '../lab/client.js';
import { defaultDataDir, type LabAddress } from '../lab/credentials.js';
import type { Terminal } from '../shell/terminal.js';
import { formatBytes } from '../text/units.js';
import { agentChecks } from './agent-checks.js';
import { entryPoints } from './entry-points.js';

export interface Check {
  readonly what: string;
  /** `remark`: works without it, or only a part does. `missing`: needed. */
  readonly level: 'ok' | 'remark' | 'missing';
  readonly found: string;
  readonly remedy?: string;
}

/** A lab with less room than this soon stands still. */
const enoughDiskBytes = 2e9;

/** What works on this machine: programs, lab, ports, disk, then everything the agent finds out. */
export async function checkMachine(terminal: Terminal, address: LabAddress): Promise<Check[]> {
  const [lab, agent, http, mqtt, disk] = await Promise.all([
    labChecks(address, terminal),
    agentChecks(),
    portCheck('HTTP port 7070', 7070),
    portCheck('MQTT port 1883', 1883),
    diskCheck(defaultDataDir(terminal)),
  ]);
  return [
    nodeCheck(),
    builtCheck('coordinator', entryPoints.coordinator),
    builtCheck('agent', entryPoints.agent),
    dashboardCheck(),
    disk,
    http,
    mqtt,
    ...lab,
    ...agent,
  ];
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'Node',
    level: enough ? 'ok' : 'missing',
    found: process.version,
    ...(!enough && { remedy: 'install Node 20.19 or newer from https://nodejs.org' }),
  };
}

function builtCheck(what: string, path: string): Check {
  if (existsSync(path)) return { what, level: 'ok', found: 'built' };
  return { what, level: 'missing', found: 'not built', remedy: 'run `npm run setup` in the clone' };
}

function dashboardCheck(): Check {
  if (existsSync(entryPoints.dashboard)) return { what: 'dashboard', level: 'ok', found: 'built' };
  return {
    what: 'dashboard',
    level: 'remark',
    found: 'not built: the lab works, but `/` shows no page',
    remedy: 'run `npm run setup` in the clone',
  };
}

async function diskCheck(dataDir: string): Promise<Check> {
  let folder = dataDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const enough = free >= enoughDiskBytes;
  return {
    what: 'disk',
    level: enough ? 'ok' : 'remark',
    found: `${formatBytes(free)} free for ${dataDir}`,
    ...(!enough && { remedy: 'make room, or keep the lab elsewhere: `hilltop up --data DIR`' }),
  };
}

/** Whether a default port is free; a taken one is no fault, because the lab moves on to the next. */
function portCheck(what: string, port: number): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({
        what,
        level: 'ok',
        found: `in use (${errorText(error).split(':')[0]}): a lab that starts now takes the next free one`,
      }),
    );
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve({ what, level: 'ok', found: 'free' })));
  });
}

async function labChecks(address: LabAddress, terminal: Terminal): Promise<Check[]> {
  const client = new LabClient({ ...address, signal: terminal.signal });
  const what = `lab at ${address.url}`;
  try {
    const me = await client.get('/api/v1/me', Me);
    const lab = await client.get('/api/v1/lab', Lab);
    return [
      { what, level: 'ok', found: `version ${lab.version}, signed in as ${me.user?.name ?? 'a service'} (${me.role})` },
    ];
  } catch (error) {
    const remedy = isLabError(error, 'lab.unreachable')
      ? '`hilltop up` starts one here'
      : '`hilltop login URL --token T`';
    return [{ what, level: 'remark', found: isLabError(error) ? error.code : errorText(error), remedy }];
  }
}
