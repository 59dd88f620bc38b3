import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Child, readableLog } from './child.js';
import { coordinatorArgs, crashed, parseListening, startFailure } from './coordinator-process.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hilltop-child-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (script: string, onLine?: (line: string) => void) =>
  new Child({
    name: 'coordinator',
    args: ['-e', script],
    logFile: join(folder, 'logs', 'coordinator.log'),
    ...(onLine && { onLine }),
  });

describe('Child', () => {
  it('[CLI-12] a program that ends by itself is reported with the end of its log, which is kept in its file', async () => {
    const child = start(
      'console.error(JSON.stringify({ level: "fatal", msg: "disk full", path: "/x" })); process.exit(4)',
    );
    expect(await child.ended).toEqual({ status: 4, signal: undefined });
    const error = crashed(child, 'ended by itself');
    expect([error.code, error.details]).toEqual([
      'lab.unreachable',
      { program: 'coordinator', tail: ['fatal: disk full (path=/x)'] },
    ]);
    expect(readFileSync(child.logFile, 'utf8')).toContain('disk full');
  });

  it('[CLI-12] a coordinator that does not start says why with its own code; arguments it refuses are wrong use', () => {
    const child = (line: string) => ({ name: 'coordinator', logFile: '/l', tail: [line] });
    const end = (status: number) => ({ status, signal: undefined });
    const taken = JSON.stringify({
      level: 'fatal',
      code: 'lab.port-taken',
      msg: 'port 7070 is taken',
      err: { stack: 'long' },
    });
    expect([
      startFailure(child(taken), end(3)).code,
      startFailure(child('listen: bad'), end(2)).code,
      startFailure(child('?'), end(1)).code,
    ]).toEqual(['lab.port-taken', 'usage.invalid', 'lab.unreachable']);
  });

  it('[CLI-12] is asked to end and waited for', async () => {
    let ready: () => void;
    const started = new Promise<void>((resolve) => (ready = resolve));
    const child = start(
      'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000); console.log("ready")',
      () => ready(),
    );
    await started;
    expect(await child.stop()).toEqual({ status: 0, signal: undefined });
    expect(await child.stop()).toEqual({ status: 0, signal: undefined });
  });

  it('[CLI-12] reads the line by which a coordinator says that it serves, and no other', () => {
    const said = {
      url: 'http://127.0.0.1:7071',
      urls: ['http://127.0.0.1:7071'],
      mqttPort: 1884,
      signInUrl: 'http://127.0.0.1:7071/#code=x',
      dataDir: '/d',
    };
    expect([
      parseListening(JSON.stringify({ event: 'listening', ...said })),
      parseListening('{"url":3}'),
      parseListening('hello'),
    ]).toEqual([said, undefined, undefined]);
  });

  it('[CLI-12] hands only the flags on that were given', () => {
    expect([
      coordinatorArgs({ dataDir: '/d' }),
      coordinatorArgs({ dataDir: '/d', port: 0, publicUrls: ['http://a', 'http://b'] }),
    ]).toEqual([
      ['--data', '/d'],
      ['--data', '/d', '--port', '0', '--public-url', 'http://a', '--public-url', 'http://b'],
    ]);
  });

  it('[CLI-12] shows log lines of ours to people, and others as they are', () => {
    expect([
      readableLog('{"level":"info","time":1,"msg":"up","port":7}'),
      readableLog('plain'),
      readableLog('{"a":1}'),
    ]).toEqual(['info: up (port=7)', 'plain', '{"a":1}']);
  });
});
