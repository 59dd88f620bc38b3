import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseAgentArgs } from './config.js';
import { lacksOf } from './doctor.js';
import { installService, serviceUnit } from './service.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hilltop-service-'));
});
afterEach(() => rm(home, { recursive: true }));

const config = (data: string) =>
  parseAgentArgs(
    [
      'http://lab:7070',
      '--token',
      `hlt_join_${'a'.repeat(36)}.${'0'.repeat(16)}`,
      '--name',
      'pi 4',
      '-l',
      'site=50 % "x"'.replace(/[%"]/g, ''),
      '--data',
      data,
    ],
    { env: {}, home, host: 'h' },
  ).config;

describe('service', () => {
  it('[AGENT-12] starts the agent as it was started here, without its token', () => {
    const unit = serviceUnit({
      node: '/usr/bin/node',
      script: '/opt/hilltop agent/bin.cjs',
      config: config('/var/lib/hilltop-agent'),
      system: true,
    });
    expect(unit.split('\n').find((line) => line.startsWith('ExecStart='))).toBe(
      'ExecStart=/usr/bin/node "/opt/hilltop agent/bin.cjs" http://lab:7070 --name "pi 4" --data /var/lib/hilltop-agent -l "site=50  x" --cache-limit 2000000000',
    );
    for (const line of [
      'Restart=always',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'ReadWritePaths=/var/lib/hilltop-agent',
      'WantedBy=multi-user.target',
    ])
      expect(unit).toContain(`\n${line}\n`);
    expect(unit).not.toContain('hlt_join');
  });

  it('[METER-15] [METER-11] starts it with its meters again, but writes no password down', () => {
    const unit = (meter: string): string =>
      serviceUnit({
        node: 'node',
        script: 'agent',
        config: parseAgentArgs(['--meter', meter], { env: {}, home, host: 'h' }).config,
        system: true,
      });
    expect(unit('ppk2:/dev/ttyACM0,mv=1800')).toContain('--meter ppk2:/dev/ttyACM0,mv=1800\n');
    expect(() => unit('shelly:http://10.0.0.6,password=hunter2')).toThrow(
      expect.objectContaining({ code: 'request.invalid', message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('[AGENT-12] is written for the user or the system, and says what it did', async () => {
    const calls: string[] = [];
    const ports = {
      root: false,
      home,
      systemDir: join(home, 'etc'),
      systemctl: (args: readonly string[]) => ({ status: calls.push(args.join(' ')) > 9 ? 1 : 0, stderr: '' }),
    };
    const path = join(home, '.config/systemd/user/hilltop-agent.service');
    expect(await installService(config(join(home, 'data')), '/node', '/agent', ports)).toEqual({
      path,
      enabled: true,
      hint: expect.any(String),
    });
    expect(calls).toEqual(['--user daemon-reload', '--user enable --now hilltop-agent.service']);
    expect(await readFile(path, 'utf8')).toContain('WantedBy=default.target');
    const system = await installService(config(join(home, 'data')), '/node', '/agent', {
      ...ports,
      root: true,
      systemctl: () => undefined,
    });
    expect(system).toEqual({
      path: join(home, 'etc/hilltop-agent.service'),
      enabled: false,
      hint: expect.stringContaining('systemctl enable --now'),
    });
  });
});

describe('doctor', () => {
  const facts = { cpuFeatures: [], cores: 1, memoryBytes: 1, arch: 'x64', os: 'x', runtimes: [], evidence: [] };
  it('[AGENT-13] gives a remedy for each lack', () => {
    const lacks = lacksOf({
      facts,
      frequencyGovernor: 'powersave',
      writable: false,
      memoryPeakReset: false,
      dataDir: '/d',
      tools: {},
    });
    expect(lacks).toHaveLength(8);
    expect(lacks.every(({ what, remedy }) => what.length > 0 && remedy.length > 0 && !remedy.includes('\n'))).toBe(
      true,
    );
  });

  it('[AGENT-13] finds nothing lacking where all is well', () => {
    const well = {
      ...facts,
      runtimes: [{ name: 'onnxruntime' as const, version: '1', providers: ['cpu'] }],
      evidence: ['schedstat', 'psi'],
    };
    expect(
      lacksOf({
        facts: well,
        writable: true,
        memoryPeakReset: true,
        dataDir: '/d',
        tools: { prlimit: '/p', setpriv: '/s' },
      }),
    ).toEqual([]);
  });
});
