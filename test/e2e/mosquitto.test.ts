import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLab, type TestLab } from '../support/lab.js';

const mosquitto = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find((p) =>
  existsSync(p),
);
const whenThere = mosquitto ? describe : describe.skip;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

whenThere('an outside broker (Mosquitto)', () => {
  let lab: TestLab;
  let broker: ChildProcess;
  beforeAll(async () => {
    const port = await freePort();
    const home = mkdtempSync(join(tmpdir(), 'hilltop-mosquitto-'));
    writeFileSync(
      join(home, 'm.conf'),
      `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_packet_size 524288\npersistence false\n`,
    );
    broker = spawn(mosquitto!, ['-c', join(home, 'm.conf')], { stdio: 'ignore' });
    const url = `mqtt://127.0.0.1:${port}`;
    lab = await startLab({ args: ['--mqtt-url', url] });
    await lab.agent('bench-1', { args: ['--mqtt', url] });
    await lab.pushSample();
  }, 120_000);
  afterAll(async () => {
    await lab.stop();
    broker.kill();
  });

  it('[MQTT-24] carries the whole loop', async () => {
    const job = await lab.submit({ model: 'sample', recipes: ['fp32', 'int8-static'], protocol: 'quick' });
    expect((await lab.ended(job.id)).state).toBe('succeeded');
    expect((await lab.runs(job.id)).map((r) => r.metrics.accuracy!.n)).toEqual([1000, 1000]);
  }, 180_000);
});
