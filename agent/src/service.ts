import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import { boardArgs } from './boards/board-spec.js';
import type { AgentConfig } from './config.js';
import { meterArgs } from './meters/meter-spec.js';
import { prepareArgs } from './preparation/wanted.js';
import { calibrationArgs } from './sensors/calibration.js';
import { writeAtomic } from './write-atomic.js';

const unitName = 'hilltop-agent.service';

/** Where nvpmodel keeps the mode; "-": it may not be there. */
const nvpmodelPath = 'ReadWritePaths=-/var/lib/nvpmodel\n';

export interface ServicePlan {
  readonly node: string;
  readonly script: string;
  readonly config: AgentConfig;
  readonly system: boolean;
}

/**
 * Text of the systemd unit: starts the agent as it was started here, again and again, with everything but its
 * data read-only. The join token is not written down: whoever can read the unit could join with it.
 */
export function serviceUnit({ node, script, config, system }: ServicePlan): string {
  const args = [
    node,
    script,
    ...(config.url ? [config.url] : []),
    '--name',
    config.name,
    '--data',
    config.dataDir,
    ...Object.entries(config.labels).flatMap(([key, value]) => ['-l', `${key}=${value}`]),
    ...(config.mqttUrl ? ['--mqtt', config.mqttUrl] : []),
    '--cache-limit',
    String(config.cacheLimitBytes),
    ...boardArgs(config.boards),
    ...meterArgs(config.meters ?? []),
    ...calibrationArgs(config.calibration ?? {}),
    ...(config.runtimes ?? []).flatMap(({ id, command }) => ['--runtime', `${id}=${command.join(' ')}`]),
    ...prepareArgs(config.prepare ?? {}),
  ];
  return `[Unit]
Description=Hilltop agent
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${args.map(quote).join(' ')}
Restart=always
RestartSec=5
# Wrong use (2) does not get better by trying again.
RestartPreventExitStatus=2
TimeoutStopSec=10
# A control group for each measured process: its memory peak is the kernel's cross-check.
Delegate=memory
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${quote(config.dataDir)}
${config.prepare?.powerMode === undefined && !config.prepare?.modes ? '' : nvpmodelPath}
[Install]
WantedBy=${system ? 'multi-user.target' : 'default.target'}
`;
}

/** systemd's quoting: double quotes, backslash, and doubled % and $. */
function quote(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/%/g, '%%').replace(/\$/g, '$$$$');
  return /[\s"'\\]/.test(text) ? `"${escaped}"` : escaped;
}

export interface ServiceInstalled {
  readonly path: string;
  /** Whether systemd took and started it. */
  readonly enabled: boolean;
  /** What is left to do by hand. */
  readonly hint?: string;
}

export interface ServicePorts {
  readonly root: boolean;
  readonly home: string;
  /** Where the system's units lie. */
  readonly systemDir: string;
  /** Runs systemctl; undefined when there is none, otherwise its exit status and what it said. */
  readonly systemctl: (args: readonly string[]) => { status: number; stderr: string } | undefined;
}

/** Writes the unit for the system (as root) or for this user, and starts it where systemd runs. */
export async function installService(
  config: AgentConfig,
  node: string,
  script: string,
  ports: ServicePorts,
): Promise<ServiceInstalled> {
  const folder = ports.root ? ports.systemDir : join(ports.home, '.config', 'systemd', 'user');
  const path = join(folder, unitName);
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    await mkdir(dirname(path), { recursive: true });
    await writeAtomic(path, serviceUnit({ node, script, config, system: ports.root }));
  } catch (error) {
    throw new LabError(
      'agent.unsupported-platform',
      `the unit cannot be written to ${path}: ${String(error)}`,
      {},
      { cause: error },
    );
  }
  const scope = ports.root ? [] : ['--user'];
  const reload = ports.systemctl([...scope, 'daemon-reload']);
  const command = `systemctl ${[...scope, 'enable', '--now', unitName].join(' ')}`;
  if (!reload) return { path, enabled: false, hint: `systemd is not here; where it is: ${command}` };
  const enabled = reload.status === 0 ? ports.systemctl([...scope, 'enable', '--now', unitName])! : reload;
  if (enabled.status !== 0)
    return {
      path,
      enabled: false,
      hint: `systemd did not take it (${enabled.stderr.trim() || `status ${enabled.status}`}); then: ${command}`,
    };
  return {
    path,
    enabled: true,
    ...(!ports.root && { hint: 'it stops when you log out, unless: loginctl enable-linger' }),
  };
}

/** The machine's own systemctl. */
export function runSystemctl(args: readonly string[]): { status: number; stderr: string } | undefined {
  const done = spawnSync('systemctl', [...args], { encoding: 'utf8', timeout: 30_000 });
  return done.error ? undefined : { status: done.status ?? 1, stderr: done.stderr };
}
