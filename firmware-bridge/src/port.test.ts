import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type BytePort, openSerialPort, openSocketPort } from './port.js';

const opened: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Reads until so many bytes are there. */
async function take(port: BytePort, bytes: number): Promise<number[]> {
  const out: number[] = [];
  for await (const chunk of port.readable) {
    out.push(...chunk);
    if (out.length >= bytes) break;
  }
  return out;
}

async function echoServer(): Promise<Server> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => server.close());
  return server;
}

describe('openSocketPort', () => {
  it('carries bytes both ways', async () => {
    const server = await echoServer();
    const port = await openSocketPort('127.0.0.1', (server.address() as AddressInfo).port);
    opened.push(port.close);
    await port.write(Uint8Array.of(0, 255, 6, 9));
    expect(await take(port, 4)).toEqual([0, 255, 6, 9]);
  });

  it('ends the reader when the other side goes', async () => {
    const server = createServer((socket) => socket.end(Buffer.from([1, 2]))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push(() => server.close());
    const port = await openSocketPort('127.0.0.1', (server.address() as AddressInfo).port);
    opened.push(port.close);
    expect(await take(port, 100)).toEqual([1, 2]);
  });

  it('is offline where nobody listens', async () => {
    const server = await echoServer();
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await expect(openSocketPort('127.0.0.1', port)).rejects.toMatchObject({ code: 'device.offline' });
  });
});

describe('openSerialPort', () => {
  it('is offline where there is no such port', async () => {
    await expect(openSerialPort('/dev/hilltop-none')).rejects.toMatchObject({ code: 'device.offline' });
  });

  it('carries bytes over a pseudo terminal, and holds it alone', async () => {
    // script(1), which every Debian has, keeps a terminal whose other side is its standard input and output.
    const script = spawn('script', ['-qfc', 'stty raw -echo; tty; exec sleep 60', '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    opened.push(async () => {
      script.kill('SIGKILL');
      await once(script, 'close');
    });
    const said = script.stdout[Symbol.asyncIterator]();
    let path = '';
    while (!path.includes('\n')) path += String((await said.next()).value);
    const port = await openSerialPort(path.trim());
    opened.unshift(port.close);
    await expect(openSerialPort(path.trim())).rejects.toMatchObject({ code: 'device.busy' });
    await port.write(Uint8Array.of(1, 0, 255));
    expect([...((await said.next()).value as Buffer)]).toEqual([1, 0, 255]);
    script.stdin.write(Uint8Array.of(9, 8, 7));
    expect(await take(port, 3)).toEqual([9, 8, 7]);
  });
});
