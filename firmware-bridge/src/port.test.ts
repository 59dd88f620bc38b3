import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openPort } from './open-port.js';
import { type BytePort, portOfStream } from './port.js';

const opened: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** Reads until so many bytes are there. */
function take(port: BytePort, bytes: number): Promise<number[]> {
  return new Promise((resolve) => {
    const out: number[] = [];
    const stop = port.onData((chunk) => {
      out.push(...chunk);
      if (out.length < bytes) return;
      stop();
      resolve(out);
    });
  });
}
const closing = (port: BytePort): Promise<unknown> => new Promise((resolve) => port.onClose(resolve));

async function server(serve: (socket: Socket) => void, path?: string): Promise<Server> {
  const listening = createServer(serve).listen(path ? { path } : { port: 0, host: '127.0.0.1' });
  await once(listening, 'listening');
  opened.push(() => listening.close());
  return listening;
}
const spec = (listening: Server): string => `tcp:127.0.0.1:${(listening.address() as AddressInfo).port}`;
const echo = (socket: Socket): void => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
};

describe('openPort of a socket', () => {
  it('carries bytes both ways over TCP', async () => {
    const port = await openPort(spec(await server(echo)));
    opened.unshift(port.close);
    await port.write(Uint8Array.of(0, 255, 6, 9));
    expect(await take(port, 4)).toEqual([0, 255, 6, 9]);
    expect(port.identity.key).toMatch(/^tcp:127\.0\.0\.1:\d+$/);
  });

  it('carries bytes both ways over a Unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hilltop-port-'));
    opened.push(() => rm(directory, { recursive: true }));
    const path = join(directory, 'board.sock');
    await server(echo, path);
    const port = await openPort(`unix:${path}`);
    opened.unshift(port.close);
    await port.write(Uint8Array.of(1, 2, 3));
    expect(await take(port, 3)).toEqual([1, 2, 3]);
  });

  it('keeps what comes while nobody listens', async () => {
    const port = await openPort(spec(await server((socket) => socket.write(Buffer.from([1, 2])))));
    opened.unshift(port.close);
    expect(await take(port, 2)).toEqual([1, 2]);
    expect(port.identity.name).toMatch(/^tcp:/);
  });

  it('says that it is gone when the other side goes, also to who asks later', async () => {
    const port = await openPort(spec(await server((socket) => socket.end(Buffer.from([1, 2])))));
    const gone = closing(port);
    expect(await take(port, 2)).toEqual([1, 2]);
    port.onData(() => undefined);
    const reason = { code: 'device.unplugged', details: { cause: 'infrastructure' } };
    expect(await gone).toMatchObject(reason);
    expect(await closing(port)).toMatchObject(reason);
    await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject(reason);
  });

  it('has no reason when it was closed from here, and is closed once', async () => {
    const port = await openPort(spec(await server(echo)));
    const gone = closing(port);
    await Promise.all([port.close(), port.close()]);
    expect(await gone).toBeUndefined();
    await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'device.unplugged' });
  });

  it('is offline where nobody listens', async () => {
    const listening = await server(echo);
    const where = spec(listening);
    listening.close();
    await once(listening, 'close');
    await expect(openPort(where)).rejects.toMatchObject({ code: 'device.offline' });
    await expect(openPort('unix:/nowhere/hilltop.sock')).rejects.toMatchObject({ code: 'device.offline' });
  });

  it.each(['', 'tcp:', 'tcp:host', 'tcp:host:port', 'tcp::99'])('does not understand "%s"', async (text) => {
    await expect(openPort(text)).rejects.toMatchObject({ code: 'usage.invalid' });
  });
});

describe('portOfStream', () => {
  it('gives the reason of a broken stream, and ends a write under way', async () => {
    const stream = new Duplex({ read: () => undefined, write: () => undefined });
    const port = portOfStream(stream, { key: 'k', name: 'n' });
    const write = port.write(Uint8Array.of(1));
    stream.destroy(new Error('EIO'));
    await expect(write).rejects.toMatchObject({ code: 'device.unplugged' });
    expect(await closing(port)).toMatchObject({ message: expect.stringContaining('EIO') });
  });

  it('hands over from one listener to the next without losing bytes', async () => {
    const stream = new Duplex({ read: () => undefined, write: (_c, _e, done) => done() });
    const port = portOfStream(stream, { key: 'k', name: 'n' });
    opened.push(port.close);
    stream.push(Uint8Array.of(1));
    expect(await take(port, 1)).toEqual([1]);
    stream.push(Uint8Array.of(2));
    stream.push(Uint8Array.of(3));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await take(port, 2)).toEqual([2, 3]);
  });
});

describe('openPort of a serial port', () => {
  it('is offline where there is no such port', async () => {
    await expect(openPort('/dev/hilltop-none')).rejects.toMatchObject({ code: 'device.offline' });
  });

  it('carries bytes over a pseudo terminal, holds it alone, and sees it go', async () => {
    // script(1), which every Debian has, keeps a terminal whose other side is its standard input and output.
    const script = spawn('script', ['-qfc', 'stty raw -echo; tty; exec sleep 60', '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const said = script.stdout[Symbol.asyncIterator]();
    let path = '';
    while (!path.includes('\n')) path += String((await said.next()).value);
    const port = await openPort(path.trim(), { baudRate: 115_200 });
    await expect(openPort(path.trim())).rejects.toMatchObject({ code: 'device.busy' });
    await port.write(Uint8Array.of(1, 0, 255));
    expect([...((await said.next()).value as Buffer)]).toEqual([1, 0, 255]);
    script.stdin.write(Uint8Array.of(9, 8, 7));
    expect(await take(port, 3)).toEqual([9, 8, 7]);
    const gone = closing(port);
    port.onData(() => undefined);
    script.kill('SIGKILL');
    await once(script, 'close');
    expect(await gone).toMatchObject({ code: 'device.unplugged' });
  });
});
