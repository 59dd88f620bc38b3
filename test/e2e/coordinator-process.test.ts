import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from '../support/lab.js';
import { JsonProcess } from '../support/process.js';

describe('the coordinator as a process', () => {
  let home: string;
  const started: JsonProcess[] = [];
  const holders: Server[] = [];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hilltop-process-'));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((process) => process.stop()));
    for (const holder of holders.splice(0)) holder.close();
    rmSync(home, { recursive: true, force: true });
  });

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): JsonProcess => {
    const process = new JsonProcess('coordinator', [join(root, 'server/dist/main.js'), ...args], {
      HILLTOP_LOG: 'info',
      ...env,
    });
    started.push(process);
    return process;
  };
  const lab = (data = 'lab') => start(['--port', '0', '--mqtt-port', '0', '--data', join(home, data)]);
  const listening = (process: JsonProcess) => process.event((event) => event.event === 'listening');
  const holdPort = async (): Promise<number> => {
    const server = createServer();
    holders.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };

  it('[LAB-4] says in one line where it is, and stops cleanly', async () => {
    const process = lab();
    expect(await listening(process)).toEqual({
      event: 'listening',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      urls: [expect.any(String)],
      mqttPort: expect.any(Number),
      labId: expect.stringMatching(/^lab_[0-9a-f]{16}$/),
      signInUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#code=[0-9A-Za-z]{24}$/),
      dataDir: join(home, 'lab'),
    });
    process.signal('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.log).not.toContain('"level":"error"');
  }, 60_000);

  it('[LAB-5] a data directory has one coordinator, and is free again however that one ended', async () => {
    const first = lab();
    const { labId } = await listening(first);
    const second = lab();
    expect(await second.exited).toEqual({ code: 3, signal: null });
    expect(second.log).toContain('lab.data-locked');
    await first.kill();
    expect(await listening(lab())).toMatchObject({ labId });
  }, 60_000);

  it('[LAB-6] a port that was asked for and is taken ends it with the remedy', async () => {
    const port = String(await holdPort());
    for (const args of [
      ['--port', port, '--mqtt-port', '0'],
      ['--port', '0', '--mqtt-port', port],
    ]) {
      const process = start([...args, '--data', join(home, `lab-${args[1]}`)]);
      expect(await process.exited).toEqual({ code: 3, signal: null });
      expect(process.log).toContain('lab.port-taken');
    }
  }, 60_000);

  it('[LAB-6] a default port that is taken is exchanged for the next free one', async () => {
    const both = await Promise.all(
      [start(['--data', join(home, 'a')]), start(['--data', join(home, 'b')])].map(listening),
    );
    const ports = both.flatMap((event) => [Number(new URL(String(event.url)).port), Number(event.mqttPort)]);
    expect(new Set(ports).size).toBe(4);
    expect(Math.min(ports[0]!, ports[2]!)).toBeGreaterThanOrEqual(7070);
  }, 60_000);

  it('[LAB-2] wrong use is exit status 2', async () => {
    const process = start(['--port', 'x']);
    expect(await process.exited).toEqual({ code: 2, signal: null });
    expect(process.log).toContain('port');
  }, 30_000);
});
